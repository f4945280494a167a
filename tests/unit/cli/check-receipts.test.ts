import { describe, expect, test } from 'vitest';
import { checkReceipts } from '../../../src/cli/receipts/check-receipts.js';
import type { GivenReceipt } from '../../../src/cli/receipts/read-receipts.js';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { leafHash } from '../../../src/kernel/merkle.js';
import { treeHash } from '../../../src/verifier/log-tree.js';

const idOf = (n: number): string => String(n).padStart(64, '0');
const reference = (service: string) => ({ service, version: '1', contract: idOf(9) });
const attempt = (decision: number, service: string, rank = 0) => ({
  type: 'caio/entry/v1',
  kind: 'attempt',
  time: 1,
  decision: idOf(decision),
  rank,
  service: reference(service),
});
const riding = (decision: number, service: string) => ({
  type: 'caio/entry/v1',
  kind: 'decision',
  time: 1,
  certificate: { id: idOf(decision) },
  attempt: { rank: 0, service: reference(service) },
});
const outcome = (decision: number, service: string, result: string, rank = 0) => ({
  ...attempt(decision, service, rank),
  kind: 'outcome',
  measured: { result, latency_micros: 0 },
  verdicts: [],
});
const receipt = (number: number, index: number, decision: number, service = 's', rank = 0): GivenReceipt => ({
  kind: 'attempt',
  file: `${service}-${number}`,
  receipt: { origin: 'log', service, number, index, decision: idOf(decision), rank },
});

async function* bytesOf(entries: readonly unknown[]): AsyncGenerator<Uint8Array> {
  for (const entry of entries) yield canonicalBytes(entry);
}
async function check(given: readonly GivenReceipt[], entries: readonly unknown[], root?: Uint8Array) {
  const leaves = entries.map((entry) => leafHash(canonicalBytes(entry)));
  const checkpoint = { origin: 'log', size: entries.length, root: root ?? treeHash(leaves) };
  return checkReceipts(given, bytesOf(entries), checkpoint, () => {});
}
const results = (report: Awaited<ReturnType<typeof check>>) =>
  report.findings.map(({ file, result }) => `${file} ${result}`);

const log = [
  riding(1, 's'),
  attempt(2, 'other'),
  attempt(3, 's', 1),
  riding(4, 's'),
  outcome(3, 's', 'not_sent', 1),
];

describe('receipts held against a log', () => {
  test('are found where they say, counted by service, riding attempts and others alike', async () => {
    const report = await check(
      [receipt(1, 0, 1), receipt(2, 2, 3, 's', 1), receipt(3, 3, 4), receipt(1, 1, 2, 'other')],
      log,
    );
    expect(results(report)).toEqual(['s-1 found', 's-2 found', 's-3 found', 'other-1 found']);
    expect(report.gaps).toEqual([]);
  });

  test('are omitted when the attempt is not there, elsewhere, or beyond the end', async () => {
    const report = await check([receipt(1, 0, 7), receipt(2, 1, 3, 's', 1), receipt(9, 12, 8)], log);
    expect(results(report)).toEqual(['s-1 omitted', 's-2 omitted', 's-9 omitted']);
  });

  test('are renumbered when an attempt before them was left out, and each of them says so', async () => {
    const without = log.with(0, { ...attempt(1, 'x'), kind: 'proof' });
    const report = await check([receipt(2, 2, 3, 's', 1), receipt(3, 3, 4)], without);
    expect(results(report)).toEqual(['s-2 renumbered', 's-3 renumbered']);
    expect(report.findings[1]?.says).toMatch(/is number 2 in the log: attempts before it were left out/);
  });

  test('show what lies between them, and whether it was sent', async () => {
    const report = await check([receipt(1, 0, 1), receipt(3, 3, 4)], log);
    expect(report.gaps).toEqual([
      { service: 's', number: 2, index: 2, decision: idOf(3), rank: 1, outcome: 'not_sent' },
    ]);
  });

  test('say nothing about a log whose entries are not under its root, or are none', async () => {
    await expect(check([], log, new Uint8Array(32))).rejects.toMatchObject({ code: 'verification_failed' });
    await expect(check([], [{ type: 'caio/entry/v1', kind: 'attempt' }])).rejects.toMatchObject({
      code: 'verification_failed',
      message: expect.stringMatching(/^Entry 0 /),
    });
    await expect(check([], ['text'])).rejects.toMatchObject({ code: 'verification_failed' });
  });
});
