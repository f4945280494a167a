import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const script = 'scripts/chaos/kill.mjs';

function run(...args: readonly string[]): Promise<{ readonly code: unknown; readonly out: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [script, ...args], { timeout: 150_000 }, (error, out, err) =>
      done({ code: error === null ? 0 : error.code, out: out + err }),
    );
  });
}

// A short run of what `npm run chaos:kill -- --rounds 200` does at length.
describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged, contradicts no root, lets no payload out unannounced', async () => {
    const { code, out } = await run('--rounds', '3', '--clients', '8');
    console.log(out.trim().split('\n').at(-1));
    expect(out).toMatch(
      /^3 rounds: [1-9]\d* acknowledged, 0 lost; \d+ roots told, 0 contradicted; [1-9]\d* payloads, 0 without/m,
    );
    expect(code).toBe(0);
  }, 160_000);

  it('is seen to fail: on an acknowledgement, a root and a payload that the log does not know', async () => {
    const { code, out } = await run('--rounds', '1', '--clients', '4', '--plant');
    expect(out).toMatch(
      /, 1 lost; \d+ roots told, 1 contradicted; \d+ payloads, 1 without a durable attempt/,
    );
    expect(code).toBe(1);
  }, 160_000);
});
