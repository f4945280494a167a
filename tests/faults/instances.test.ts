import { execFile } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import { noPostgres } from '../support/postgres-server.js';

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});

function run(
  script: string,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly out: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [`scripts/chaos/${script}`, ...args],
      { timeout: 170_000 },
      (error, out, err) => done({ code: error === null ? 0 : error.code, out: out + err }),
    );
  });
}

const small = ['--decisions', '240', '--clients', '4', '--between', '3'];

// A short run of what `npm run chaos:instances -- --decisions 100000` does at length.
describe('several instances on one PostgreSQL, one joining, one killed', () => {
  it('make one log, decide on the state of their index, and lose nothing', async () => {
    const { code, out } = await run('instances.mjs', ...small);
    console.log(out.trim().split('\n')[0]);
    expect(out).toMatch(
      /entries in one log: 0 lost, 0 on an outdated state, 0 by a revoked key, 0 twice; [1-9]\d* roots told, 0 contradicted; [1-9]\d* payloads, 0 without/,
    );
    expect(code).toBe(0);
  }, 180_000);

  it('are seen to fail, on a record of each kind that is false', async () => {
    const { code, out } = await run('instances.mjs', ...small, '--plant');
    expect(out).toMatch(
      / [1-9]\d* lost, 1 on an outdated state, 1 by a revoked key, 1 twice; \d+ roots told, 1 contradicted; \d+ payloads, [1-9]\d* without/,
    );
    expect(code).toBe(1);
  }, 180_000);
});

describe('kill -9 under load, with PostgreSQL', () => {
  it('loses nothing that was acknowledged, contradicts no root, lets no payload out unannounced', async () => {
    const { code, out } = await run('kill.mjs', '--driver', 'postgres', '--rounds', '2', '--clients', '8');
    console.log(out.trim().split('\n').at(-1));
    expect(out).toMatch(
      /^2 rounds: [1-9]\d* acknowledged, 0 lost; \d+ roots told, 0 contradicted; [1-9]\d* payloads, 0 without/m,
    );
    expect(code).toBe(0);
  }, 180_000);
});
