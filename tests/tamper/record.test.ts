import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../src/kernel/canonical.js';
import { verifierKeyOf } from '../../src/proofs/signing-key.js';
import { type VerificationOptions, verify } from '../../src/verifier/index.js';
import { checkRecorded, checkWitnessed } from '../../src/verifier/level-four.js';
import { type BaseDecision, baseDecisions, bundleOf, key, verifierKey } from './base-decisions.js';
import { verdictOf } from './expected-codes.js';
import { recordedAt, recordedBundle, witnessKeys } from './recorded.js';

const [single, chain, refusal] = baseDecisions as unknown as [BaseDecision, BaseDecision, BaseDecision];
const two = witnessKeys.slice(0, 2);
const full = recordedBundle(single, 5) as Extract<ReturnType<typeof recordedBundle>, { level: 5 }>;

async function verdict(bundle: unknown, options: Partial<VerificationOptions> = {}): Promise<string> {
  const text = canonicalText(bundle);
  return verdictOf(await verify(text, { key: verifierKey, witnesses: two, ...options }));
}

describe('a decision that is recorded and witnessed', () => {
  test.each(baseDecisions)('holds at levels 4 and 5: $name', async (base) => {
    for (const level of [4, 5] as const) {
      const report = await verify(canonicalText(recordedBundle(base, level)), {
        key: verifierKey,
        witnesses: two,
      });
      expect([report.holds, report.level]).toEqual([true, level]);
      expect(report.record).toEqual({ origin: 'caio.example', index: base.state.as_of + 3, size: 300 });
    }
  });

  test('has each character of its proof changed in turn, and none goes unseen', async () => {
    const { proof } = full.record;
    const seen = new Map<string, number>();
    for (let i = 0; i < proof.length; i += 1) {
      const other = `${proof.slice(0, i)}${proof[i] === 'B' ? 'C' : 'B'}${proof.slice(i + 1)}`;
      const code = await codeOf(other);
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([
      '4 inclusion_wrong',
      '4 note_malformed',
      '4 proof_malformed',
      '4 signature_wrong',
      '4 unsigned',
      '5 signature_wrong',
      '5 too_few_witnesses',
    ]);
  });

  /** Of levels 4 and 5 alone: the levels before have nothing to do with the proof. */
  async function codeOf(proof: string): Promise<string> {
    const record = { ...full.record, proof };
    let level = 4;
    try {
      await checkRecorded(single.certificate, record, verifierKey);
      level = 5;
      await checkWitnessed(record, verifierKey, two, 2);
      return 'holds';
    } catch (error) {
      return `${level} ${(error as { readonly code: string }).code}`;
    }
  }

  test('has each line of its proof left out in turn, and none goes unseen', async () => {
    const lines = full.record.proof.split('\n');
    for (const i of lines.keys()) {
      const proof = lines.toSpliced(i, 1).join('\n');
      expect([i, await codeOf(proof)]).not.toEqual([i, 'holds']);
    }
  });

  test('is not proved by the record of another decision', async () => {
    const other = (recordedBundle(chain, 4) as typeof full).record;
    expect(await verdict({ ...full, record: other })).toBe('4 inclusion_wrong');
    const { entry } = full.record;
    expect(await verdict({ ...full, record: { entry, proof: other.proof } })).toBe('4 inclusion_wrong');
    const refused = recordedBundle(refusal, 4) as typeof full;
    expect(await verdict({ ...refused, record: { ...refused.record, entry } })).toBe('4 record_wrong');
  });

  test('stands behind the state that it was made on', async () => {
    const { as_of: asOf } = single.state;
    const at = async (index: number) => ({ level: 4, record: await recordedAt(single, index, 0) }) as const;
    expect(await verdict(bundleOf(single, await at(asOf)))).toBe('holds');
    expect(await verdict(bundleOf(single, await at(asOf - 1)))).toBe('4 index_wrong');
  });
});

describe('witnesses', () => {
  test('count once each, only those that are asked for, and as many as are demanded', async () => {
    const [one = '', second = '', third = ''] = witnessKeys;
    expect(await verdict(full, { witnesses: [one] })).toBe('holds');
    expect(await verdict(full, { witnesses: witnessKeys })).toBe('5 too_few_witnesses');
    expect(await verdict(full, { witnesses: witnessKeys, quorum: 2 })).toBe('holds');
    expect(await verdict(full, { witnesses: [third] })).toBe('5 too_few_witnesses');
    expect(await verdict(full, { witnesses: [second, second], quorum: 2 })).toBe('5 too_few_witnesses');
  });

  test('of none nothing is witnessed, whatever is asked for', async () => {
    expect(await verdict(full, { witnesses: [], level: 5 })).toBe('5 too_few_witnesses');
    expect(await verdict(full, { witnesses: [], level: 5, quorum: 0 })).toBe('5 too_few_witnesses');
    const report = await verify(canonicalText(full), { key: verifierKey });
    expect([report.holds, report.level]).toEqual([true, 4]);
    expect(report.attested.at(-1)).toMatch(/until witnesses have cosigned/);
  });

  test('have keys of their own algorithm: that of the log is refused before anything is checked', async () => {
    expect(await verdict(full, { witnesses: [verifierKeyOf(key)] })).toBe('1 key_malformed');
    expect(await verdict(full, { witnesses: ['no key'] })).toBe('1 key_malformed');
    expect(await verdict(recordedBundle(single, 4), { level: 5 })).toBe('5 level_not_packed');
    expect(await verdict(bundleOf(single, 3), { level: 4 })).toBe('4 level_not_packed');
  });
});
