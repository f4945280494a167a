import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './workshop.js';

/** What each npm script of a small project prints and how it exits, as a line of shell. */
interface Project {
  readonly test: string;
  readonly check: string;
  readonly demo?: string;
}

const sound: Project = {
  test: "echo '      Tests  7 passed | 2 skipped (9)'",
  check: "echo 'gates: 5 passed, 0 failed'",
  demo: 'test ! -e dist',
};

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Runs this project's .ci/run in a repository that holds the small project, committed. */
function runIn({ test, check, demo }: Project): { readonly status: number | null; readonly last: string } {
  const folder = mkdtempSync(join(tmpdir(), 'caio-ci-'));
  try {
    const manifest = { name: 'small', version: '1.0.0', scripts: { test, check, demo: demo ?? 'exit 1' } };
    write(folder, 'package.json', JSON.stringify(manifest));
    const lock = {
      ...manifest,
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name: 'small', version: '1.0.0' } },
    };
    write(folder, 'package-lock.json', JSON.stringify(lock));
    if (demo !== undefined) write(folder, 'examples/demo/main.ts', '');
    write(folder, 'dist/left-behind.js', '');
    cpSync(join(root, '.ci'), join(folder, '.ci'), { recursive: true });
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'small');
    write(folder, 'package.json', 'not committed, so not seen');
    const run = spawnSync('bash', ['.ci/run'], { cwd: folder, encoding: 'utf8' });
    return { status: run.status, last: run.stdout.trimEnd().split('\n').at(-1) ?? '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('.ci/run', () => {
  it.each<[name: string, project: Partial<Project>, status: number, last: string]>([
    ['is green when tests, gates and demo are', {}, 0, '13 passed, 0 failed, 2 skipped'],
    [
      'counts the tests that fail',
      { test: "echo ' Tests  2 failed | 5 passed (7)'; exit 1" },
      1,
      '11 passed, 2 failed, 0 skipped',
    ],
    ['counts a test run that died as a failure', { test: 'exit 1' }, 1, '6 passed, 1 failed, 0 skipped'],
    [
      'does not take a run without tests for a green one',
      { test: 'true' },
      1,
      '6 passed, 1 failed, 0 skipped',
    ],
    [
      'counts the gates that fail',
      { check: "echo 'gates: 4 passed, 1 failed'; exit 1" },
      1,
      '12 passed, 1 failed, 2 skipped',
    ],
    ['counts a demo that fails', { demo: 'exit 3' }, 1, '12 passed, 1 failed, 2 skipped'],
  ])('%s', (_name, change, status, last) => {
    expect(runIn({ ...sound, ...change })).toEqual({ status, last });
  });
});
