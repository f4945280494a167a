import { afterAll, describe, expect, test } from 'vitest';
import { exclusionCodes } from '../../src/contracts/certificate.js';
import { drawWorld, type World } from '../generators/decision.js';
import { samplePool } from '../generators/pool.js';
import { seed } from '../support/seed.js';
import { bundleVerdicts } from './bundles-hold.js';
import { answersOf, disagreementIn, type Programs, programs } from './engine-verifier-answers.js';
import { describeDisagreement, keepDisagreement } from './kept-disagreement.js';
import { Reach } from './reach.js';
import { documentsThatDoNotRoundTrip } from './round-trip.js';
import { shrink } from './shrink.js';

const casesWanted = Number(process.env.CAIO_DIFFERENTIAL_CASES ?? 10_000);
const pool = samplePool(seed, 400);
const reach = new Reach();

afterAll(() => {
  const counts = [...reach.counts].sort().map(([what, count]) => `  ${String(count).padStart(6)} ${what}`);
  console.log([`engine and verifier, seed ${seed}:`, ...counts].join('\n'));
});

test('the engine and the verifier give the same bytes on every generated decision', () => {
  for (let index = 0; reach.of('cases') < casesWanted; index += 1) {
    const world = drawWorld(seed, index, pool);
    const answers = answersOf(world);
    reach.see(world, answers);
    const differing = disagreementIn(answers);
    if (differing === undefined) continue;
    const name = `seed-${seed}-world-${index}`;
    const file = keepDisagreement(world, name, differing.kind);
    throw new Error(`${name}, ${describeDisagreement(answers, differing)}\nkept in ${file}`);
  }
  expect(reach.of('cases')).toBeGreaterThanOrEqual(casesWanted);
}, 600_000);

describe.skipIf(casesWanted < 10_000)('the generated decisions reach', () => {
  test.each(Object.values(exclusionCodes).flat())('exclusion %s at least 50 times', (code) => {
    expect(reach.of(`excluded ${code}`)).toBeGreaterThanOrEqual(50);
  });

  test.each(['routed', 'refused'])('%s for a quarter of the cases', (decision) => {
    expect(reach.of(decision)).toBeGreaterThanOrEqual(reach.of('cases') / 4);
  });

  test.each([
    ['ties decided by digest', 50],
    ['first places decided by digest', 50],
    ['chains of 2', 50],
    ['chains of 3', 50],
    ['chains shortened', 20],
    ['beyond the first row of the size ladder', 20],
    ['cases with 0', 50],
    ['cases with numbers next to 2^32', 50],
    ['cases with numbers next to 2^53', 50],
    ['empty registries', 50],
    ['states without policies', 50],
    ['rules whose when errs', 50],
    ['rules whose require errs', 50],
    ['more rules fired than listed', 20],
    ['refused at authentication', 50],
    ['lists ordered by code point, not by UTF-16 unit', 50],
    ['snapshots made from an earlier one', 50],
    ['invalid unknown_profile', 5],
  ])('%s at least %i times', (what, times) => {
    expect(reach.of(what)).toBeGreaterThanOrEqual(times);
  });
});

test('bundles of generated decisions hold at levels 2 and 3', async () => {
  const refused: unknown[] = [];
  let bundles = 0;
  for (let index = 0; index < 120; index += 1) {
    const world = drawWorld(seed, index, pool);
    for (const { level, verdict } of await bundleVerdicts(world, answersOf(world))) {
      bundles += 1;
      if (verdict !== 'holds') refused.push({ seed, index, level, verdict });
    }
  }
  console.log(`${bundles} bundles of generated decisions hold`);
  expect(refused).toEqual([]);
  expect(bundles).toBeGreaterThan(400);
}, 120_000);

test('generated documents are what their parsers give back', () => {
  let seen = 0;
  for (let index = 0; index < 120; index += 1) {
    const { checked, failures } = documentsThatDoNotRoundTrip(drawWorld(seed, index, pool));
    expect(failures, `seed ${seed}, world ${index}`).toEqual([]);
    seen += checked;
  }
  expect(seen).toBeGreaterThan(500);
});

/** An engine that gets one thing wrong, as a test of the test. */
function faulty(wrong: (text: string) => string): Programs {
  return {
    ...programs,
    decide: (...given) => {
      const decision = programs.decide(...given);
      if (!decision.ok) return decision;
      const { certificate, chain } = decision.value;
      return { ok: true, value: { certificate: JSON.parse(wrong(JSON.stringify(certificate))), chain } };
    },
  };
}

describe('a planted fault is found and shrunk to what shows it:', () => {
  test.each([
    [
      'an erring rule counted as violated',
      (text: string) => text.replaceAll('"rule_error"', '"rule_violated"'),
      1,
    ],
    [
      'an expired credential called not yet valid',
      (text: string) => text.replaceAll('"credential_expired"', '"credential_not_yet_valid"'),
      1,
    ],
    [
      'a chain of three without its last',
      (text: string) => text.replace(/("chain":\[\{[^}]*\},\{[^}]*\}),\{[^}]*\}\]/, '$1]'),
      3,
    ],
    ['a reliability that is off by one', (text: string) => text.replaceAll(',500000,', ',500001,'), 1],
  ] as const)('%s', (_, wrong, services) => {
    const planted = faulty(wrong);
    const fails = (world: World) => disagreementIn(answersOf(world, planted))?.kind === 'differ';
    let index = 0;
    while (!fails(drawWorld(seed, index, pool))) index += 1;
    const smallest = shrink(drawWorld(seed, index, pool), fails);
    expect(fails(smallest)).toBe(true);
    expect(smallest.state.contracts).toHaveLength(services);
    expect(smallest.questions).toHaveLength(1);
    expect(smallest.before).toBeUndefined();
    expect(smallest.state.policies.flatMap(({ rules }) => rules).length).toBeLessThanOrEqual(1);
  });
});
