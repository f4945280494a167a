import { afterAll, describe, expect, test } from 'vitest';
import type { Certificate } from '../../src/contracts/certificate.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { signCertificate } from '../../src/proofs/envelope.js';
import { verify } from '../../src/verifier/index.js';
import { type BaseDecision, baseDecisions, bundleOf, key, verifierKey } from './base-decisions.js';
import { CodeTable, certificateCodes, verdictOf } from './expected-codes.js';
import { type Json, mutationsOf } from './mutations.js';

const table = new CodeTable(certificateCodes);
const caught = new Map<string, number>();

afterAll(() => {
  const counts = [...caught].sort().map(([verdict, count]) => `${verdict} ${count}`);
  console.log(`certificates changed and signed again, caught: ${counts.join(', ')}`);
});

/** Signed by the right key, with all the evidence of level 3. What level 1 refuses needs no evidence to be refused. */
async function verdictOn(changed: Json, base: BaseDecision): Promise<string> {
  const envelope = signCertificate(changed as unknown as Certificate, key);
  const alone = await verify(canonicalText({ ...bundleOf(base, 1), envelope }), { key: verifierKey });
  if (!alone.holds) return verdictOf(alone);
  const bundle = canonicalText({ ...bundleOf(base, 3), envelope });
  return verdictOf(await verify(bundle, { key: verifierKey }));
}

describe('every place of a certificate changed in turn, and signed again by the right key, is refused:', () => {
  test.each(baseDecisions.map((base) => [base.name, base] as const))(
    '%s',
    async (_, base) => {
      const unexpected: string[] = [];
      let changes = 0;
      for (const { path, change, value } of mutationsOf(base.certificate as unknown as Json)) {
        const verdict = await verdictOn(value, base);
        changes += 1;
        caught.set(verdict, (caught.get(verdict) ?? 0) + 1);
        table.meet(path, verdict);
        if (!table.expected(path, change).includes(verdict))
          unexpected.push(`${path}, ${change}: ${verdict}`);
      }
      expect(unexpected).toEqual([]);
      expect(changes).toBeGreaterThan(700);
    },
    120_000,
  );

  test('each with a code that the table expects, and the table expects no code that is never met', () => {
    expect(table.unmet()).toEqual([]);
    expect(caught.has('holds')).toBe(false);
  });
});

test.each(baseDecisions.map((base) => [base.name, base] as const))(
  'unchanged, it holds at every level: %s',
  async (_, base) => {
    for (const level of [1, 2, 3] as const) {
      const report = await verify(canonicalText(bundleOf(base, level)), { key: verifierKey });
      expect(report).toMatchObject({ holds: true, level });
    }
  },
);
