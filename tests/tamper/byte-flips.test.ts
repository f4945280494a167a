import { expect, test } from 'vitest';
import { canonicalBytes, canonicalText } from '../../src/kernel/canonical.js';
import { verify } from '../../src/verifier/index.js';
import { Random } from '../generators/random.js';
import { seed } from '../support/seed.js';
import { baseDecisions, bundleOf, verifierKey } from './base-decisions.js';
import { verdictOf } from './expected-codes.js';

const flips = 10_000;

function jsonOf(bytes: Uint8Array): string | undefined {
  try {
    return canonicalText(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

test(`each of ${flips} random byte flips in bundles is refused, and none throws`, async () => {
  const bundles = baseDecisions.flatMap((base) =>
    [1, 2, 3].map((level) => bundleOf(base, level as 1 | 2 | 3)),
  );
  const files = bundles.map((bundle) => canonicalBytes(bundle));
  const random = new Random(seed, 0);
  const verdicts = new Map<string, number>();
  const accepted: string[] = [];
  let sameValue = 0;
  for (let i = 0; i < flips; i += 1) {
    const which = random.integer(0, files.length - 1);
    const bytes = Uint8Array.from(files[which] as Uint8Array);
    const at = random.integer(0, bytes.length - 1);
    const mask = random.chance(0.5) ? 1 << random.integer(0, 7) : random.integer(1, 255);
    bytes[at] = (bytes[at] as number) ^ mask;
    const verdict = verdictOf(await verify(bytes, { key: verifierKey }));
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    // A flip of one byte of canonical JSON never gives the same value: no byte of it is a matter of taste.
    if (jsonOf(bytes) === canonicalText(bundles[which])) sameValue += 1;
    if (verdict === 'holds') accepted.push(`flip ${i}: bundle ${which}, byte ${at}, mask ${mask}`);
  }
  const counts = [...verdicts].sort().map(([verdict, count]) => `${verdict} ${count}`);
  console.log(`${flips} byte flips, seed ${seed}, same value ${sameValue}: ${counts.join(', ')}`);
  expect(accepted).toEqual([]);
  expect(sameValue).toBe(0);
}, 120_000);
