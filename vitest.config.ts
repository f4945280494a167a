import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globals: false,
    include: ['tests/**/*.test.ts'],
    // An empty suite, an empty file and a test that expects nothing all fail: a check that cannot fail is none.
    passWithNoTests: false,
    expect: { requireAssertions: true },
    // Two workers on two cores: left to itself the runner keeps one core for its own process.
    maxWorkers: '100%',
    // Against what hangs, not to measure: machines that are shared are slow at times.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
