import { afterAll, describe, expect, test } from 'vitest';
import { canonicalText } from '../../src/kernel/canonical.js';
import { verify } from '../../src/verifier/index.js';
import { baseDecisions, bundleOf, verifierKey } from './base-decisions.js';
import { CodeTable, levelFourCodes, levelThreeCodes, levelTwoCodes, verdictOf } from './expected-codes.js';
import { type Json, mutationsOf } from './mutations.js';
import { recordedBundle, witnessKeys } from './recorded.js';

const tables = {
  2: new CodeTable(levelTwoCodes),
  3: new CodeTable(levelThreeCodes),
  4: new CodeTable(levelFourCodes),
};
const caught = new Map<string, number>();

afterAll(() => {
  const counts = [...caught].sort().map(([verdict, count]) => `${verdict} ${count}`);
  console.log(`bundles changed, caught: ${counts.join(', ')}`);
});

describe('every place of a bundle changed in turn is refused, with the code of what it breaks:', () => {
  test.each([
    ['a chain of three', 2],
    ['a single service', 2],
    ['a refusal', 2],
    ['a chain of three', 3],
    ['an empty registry', 3],
    ['a chain of three', 4],
  ] as const)(
    '%s at level %i',
    async (name, level) => {
      const base = baseDecisions.find((decision) => decision.name === name);
      if (base === undefined) throw new Error(name);
      const table = tables[level];
      const unexpected: string[] = [];
      let changes = 0;
      for (const { path, change, value } of mutationsOf(
        (level === 4 ? recordedBundle(base, 4) : bundleOf(base, level)) as unknown as Json,
      )) {
        const verdict = verdictOf(
          await verify(canonicalText(value), { key: verifierKey, witnesses: witnessKeys }),
        );
        changes += 1;
        caught.set(verdict, (caught.get(verdict) ?? 0) + 1);
        table.meet(path, verdict);
        if (!table.expected(path, change).includes(verdict))
          unexpected.push(`${path}, ${change}: ${verdict}`);
      }
      expect(unexpected).toEqual([]);
      expect(changes).toBeGreaterThan(800);
    },
    120_000,
  );

  test('and the tables expect no code that is never met', () => {
    const unmet = [tables[2].unmet(), tables[3].unmet(), tables[4].unmet()];
    // What an empty registry meets at level 3 is not met again at level 4.
    expect(unmet).toEqual([[], [], expect.any(Array)]);
    expect(unmet[2]?.filter((row) => row.startsWith('/record'))).toEqual([]);
  });
});

describe('evidence of one decision does not serve another:', () => {
  const [single, chain, refusal] = baseDecisions.map((base) => bundleOf(base, 2)) as unknown as [
    Json,
    Json,
    Json,
  ];
  const withPart = (bundle: Json, other: Json, part: string): Json => ({
    ...(bundle as object),
    [part]: (other as { readonly [name: string]: Json })[part] as Json,
  });

  test.each([
    ['members of a chain for a single service', withPart(single, chain, 'members'), '2 member_mismatch'],
    ['the member of a single service for a chain', withPart(chain, single, 'members'), '2 member_mismatch'],
    ['no members for a single service', withPart(single, refusal, 'members'), '2 member_mismatch'],
    ['members for a refusal', withPart(refusal, single, 'members'), '2 member_mismatch'],
  ])('%s', async (_, bundle, verdict) => {
    expect(verdictOf(await verify(canonicalText(bundle), { key: verifierKey }))).toBe(verdict);
  });
});
