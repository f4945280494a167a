import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../../../src/kernel/version.js';

test('the version that programs tell is that of the package', () => {
  const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(version).toBe(packaged);
});
