import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/caio-command.js';

const commits = 20;
const calls = 'openat,pwrite64,pwritev,writev,fdatasync,fsync,write';
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.dispose());

/** The system calls of a process that commits; `undefined` where they cannot be traced. */
function trace(): readonly string[] | undefined {
  const out = scratch.path('trace');
  const program = ['tests/fixtures/log/commits.mjs', scratch.path('log'), String(commits)];
  const run = spawnSync('strace', [
    '-f',
    '-y',
    '-e',
    `trace=${calls}`,
    '-o',
    out,
    process.execPath,
    ...program,
  ]);
  return run.status === 0 ? readFileSync(out, 'utf8').split('\n') : undefined;
}

// fdatasync of the pages, then the meta page through a descriptor that is O_DSYNC: both before the promise resolves.
describe('an LMDB commit', () => {
  it('is on the disk before it is acknowledged, as its system calls show', ({ skip }) => {
    const lines = trace();
    if (lines === undefined) return skip('strace is not here, or may not trace');
    const synchronous = lines.flatMap((line) => {
      const opened = /data\.mdb", [^)]*O_DSYNC[^)]*\) = (\d+)/.exec(line);
      return opened === null ? [] : [opened[1]];
    });
    expect(synchronous).toHaveLength(1);
    for (let n = 1; n <= commits; n += 1) {
      const begins = lines.findIndex((line) => line.includes(`"commit ${n} begins`));
      const acknowledged = lines.findIndex((line) => line.includes(`"commit ${n} acknowledged`));
      const between = lines.slice(begins + 1, acknowledged);
      const at = (pattern: RegExp) => between.findLastIndex((line) => pattern.test(line));
      const pages = at(/p?write(64|v)\(\d+<[^>]*data\.mdb>.*= (4096|8192|\d{5,})$/);
      const sync = at(/fdatasync\(\d+<[^>]*data\.mdb>\) += 0/);
      const meta = at(new RegExp(`pwrite64\\(${synchronous[0]}<[^>]*data\\.mdb>`));
      expect(begins).toBeGreaterThan(0);
      expect([pages >= 0, sync > pages, meta > sync], between.join('\n')).toEqual([true, true, true]);
    }
    console.log(`${commits} commits, each with its pages synced and its meta page written synchronously`);
  });
});
