import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { exclusionCodes } from '../../src/contracts/certificate.js';
import { drawWorld, type World } from '../generators/decision.js';
import { sampleExpressions } from '../generators/expression-pool.js';
import { seed } from '../support/seed.js';
import {
  answersOf,
  type Disagreement,
  disagreementIn,
  type Programs,
  programs,
} from './engine-verifier-answers.js';
import { Reach } from './reach.js';
import { documentsThatDoNotRoundTrip } from './round-trip.js';
import { shrink } from './shrink.js';

const casesWanted = Number(process.env.CAIO_DIFFERENTIAL_CASES ?? 10_000);
const pool = sampleExpressions(seed, 400);
const reach = new Reach();

afterAll(() => {
  const counts = [...reach.counts].sort().map(([what, count]) => `  ${String(count).padStart(6)} ${what}`);
  console.log([`engine and verifier, seed ${seed}:`, ...counts].join('\n'));
});

/** The smallest world found in which the two still differ, written where the vectors are replayed from. */
function keep(world: World, index: number, kind: Disagreement): string {
  const smallest = shrink(world, (candidate) => disagreementIn(answersOf(candidate))?.kind === kind);
  const file = new URL(`../vectors/differential/seed-${seed}-world-${index}.json`, import.meta.url);
  const about = 'engine and verifier differ: which one departs from the calculus?';
  const origin = `shrunken from world ${index} of seed ${seed} (tests/generators/decision.ts)`;
  writeFileSync(file, `${JSON.stringify({ about, origin, world: smallest }, undefined, 1)}\n`);
  return file.pathname;
}

function difference(engine: string, verifier: string): string {
  let at = 0;
  while (at < engine.length && engine[at] === verifier[at]) at += 1;
  const shown = (text: string) => text.slice(Math.max(0, at - 80), at + 120);
  return `at ${at}:\n  engine   …${shown(engine)}\n  verifier …${shown(verifier)}`;
}

test('the engine and the verifier give the same bytes on every generated decision', () => {
  for (let index = 0; reach.of('cases') < casesWanted; index += 1) {
    const world = drawWorld(seed, index, pool);
    const answers = answersOf(world);
    reach.see(world, answers);
    const differing = disagreementIn(answers);
    if (differing === undefined) continue;
    const { engine, verifier } = answers[differing.question] ?? { engine: '', verifier: '' };
    const where = `seed ${seed}, world ${index}, question ${differing.question}`;
    throw new Error(
      `${where}, ${difference(engine, verifier)}\nkept in ${keep(world, index, differing.kind)}`,
    );
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
