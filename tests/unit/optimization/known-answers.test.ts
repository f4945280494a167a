import { expect, test } from 'vitest';
import { costOfTokens } from '../../../src/contracts/cost-of-tokens.js';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import type { GuaranteeProperty } from '../../../src/contracts/guarantee.js';
import { firstRanked, tieBreakDigest } from '../../../src/optimization/ranking.js';
import { sat } from '../../../src/optimization/sat.js';
import {
  guaranteeTerm,
  lessIsBetterTerm,
  reliabilityTerm,
  riskTerm,
  type Terms,
  totalOf,
} from '../../../src/optimization/terms.js';
import vectors from '../../vectors/calculus.json' with { type: 'json' };

test('sat agrees with the known answers', () => {
  expect(vectors.sat.length).toBeGreaterThan(10);
  for (const { x, s, value } of vectors.sat) expect(sat(x, s), `sat(${x}, ${s})`).toBe(value);
});

test('sat is 0 below zero and equals the integer quotient at the ends of its range', () => {
  expect(sat(-5, 1)).toBe(0);
  for (const x of [1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40]) {
    for (const s of [1, 2, 999_999, 2 ** 32 - 1, 2 ** 32]) {
      const clamped = BigInt(Math.min(x, 2 ** 32));
      expect(sat(x, s), `sat(${x}, ${s})`).toBe(Number((1_000_000n * clamped) / (clamped + BigInt(s))));
    }
  }
});

test('slack agrees with the known answers, as the guarantee term of one required property', () => {
  // The vectors combine any operator with any kind; a property of the vocabulary stands in for the kind.
  const ofKind: Record<string, GuaranteeProperty> = {
    ratio: 'accuracy_ppm',
    time: 'latency_p95_micros',
    rate: 'throughput_micro_rps',
  };
  expect(vectors.slack.length).toBeGreaterThan(10);
  for (const { kind, op, promise, bound, value } of vectors.slack) {
    const required = [
      { property: ofKind[kind] as GuaranteeProperty, operator: op as 'min' | 'max' | 'equals', bound },
    ];
    expect(guaranteeTerm(required, () => promise, defaultParameters.scales)).toBe(value);
  }
});

test('the guarantee term is the floored mean of slacks and 0 when nothing is required', () => {
  const { scales } = defaultParameters;
  expect(guaranteeTerm([], () => 1, scales)).toBe(0);
  const required = [
    { property: 'accuracy_ppm', operator: 'min', bound: 0 },
    { property: 'determinism', operator: 'equals', bound: 1 },
  ] as const;
  // sat(1, 100,000) = 9, and ⌊(9 + 0) / 2⌋ = 4.
  expect(guaranteeTerm(required, () => 1, scales)).toBe(4);
});

test('reliability agrees with the known answers and is a half without a row', () => {
  expect(vectors.reliability.length).toBeGreaterThan(5);
  for (const { successes, trials, value } of vectors.reliability) {
    expect(reliabilityTerm({ successes, trials })).toBe(value);
  }
  expect(reliabilityTerm(undefined)).toBe(500_000);
});

test('cost agrees with the known answers: one ceiling over exact integers', () => {
  expect(vectors.cost.length).toBeGreaterThan(5);
  for (const { microUsdPerMillionTokens: prices, microUsdPerRequest, tokens, microUsd } of vectors.cost) {
    const cost = {
      per_request_micro_usd: microUsdPerRequest,
      per_million_input_tokens_micro_usd: prices.input,
      per_million_output_tokens_micro_usd: prices.output,
      per_million_cached_tokens_micro_usd: prices.cached,
    };
    expect(costOfTokens(cost, tokens)).toBe(microUsd);
  }
});

test('cost is exact where products pass 2^53', () => {
  const cost = {
    per_request_micro_usd: 1,
    per_million_input_tokens_micro_usd: 99_999_999_999,
    per_million_output_tokens_micro_usd: 1,
  };
  const tokens = { input: 2 ** 32 - 1, output: 1, cached: 0 };
  const exact = BigInt(tokens.input) * 99_999_999_999n + 1n;
  expect(costOfTokens(cost, tokens)).toBe(Number((exact + 999_999n) / 1_000_000n) + 1);
});

test('a price that is absent matters only where there are tokens of its kind; cached tokens fall back to the input price', () => {
  const onlyInput = { per_request_micro_usd: 7, per_million_input_tokens_micro_usd: 2_000_000 };
  expect(costOfTokens(undefined, { input: 0, output: 0, cached: 0 })).toBeUndefined();
  expect(costOfTokens(onlyInput, { input: 1, output: 1, cached: 0 })).toBeUndefined();
  expect(costOfTokens(onlyInput, { input: 1, output: 0, cached: 0 })).toBe(9);
  expect(costOfTokens(onlyInput, { input: 1, output: 0, cached: 2 })).toBe(13);
  expect(costOfTokens({ per_request_micro_usd: 7 }, { input: 0, output: 0, cached: 1 })).toBeUndefined();
});

test('totals of every profile agree with the known answers', () => {
  expect(vectors.total.length).toBeGreaterThan(5);
  const profiles: Record<string, readonly number[]> = defaultParameters.profiles;
  expect(profiles).toEqual(vectors.profilesPpm);
  for (const { profile, terms, value } of vectors.total) {
    const weights = defaultParameters.profiles[profile];
    expect(weights).toBeDefined();
    if (weights !== undefined) expect(totalOf(weights, terms as unknown as Terms)).toBe(value);
  }
});

test('tie-break digests agree with the known answers', () => {
  expect(vectors.tieBreak.length).toBeGreaterThan(2);
  for (const { sigma, requestDigest, id, digest } of vectors.tieBreak) {
    expect(tieBreakDigest(sigma, requestDigest, id)).toBe(digest);
  }
});

test('what is unknown scores worst; less risk, cost and latency scores better', () => {
  expect(lessIsBetterTerm(Number.NaN, 10)).toBe(0);
  expect(lessIsBetterTerm(0, 10)).toBe(1_000_000);
  expect(lessIsBetterTerm(10, 10)).toBe(500_000);
  expect(riskTerm(0)).toBe(1_000_000);
  expect(riskTerm(1_000_000)).toBe(0);
});

test('the first k of a ranking are those of the whole sorted ranking, ties in order of digests', () => {
  let seen = 0;
  let asked = 0;
  for (let round = 0; round < 200; round += 1) {
    const n = 1 + ((round * 7) % 60);
    const positions = Int32Array.from({ length: n }, (_, i) => i * 3);
    const totals = Float64Array.from({ length: n }, (_, i) => ((i * 31 + round * 17) % 11) * 1_000);
    const digest = (position: number) => {
      asked += 1;
      return tieBreakDigest(round, 'r', `s${position}`);
    };
    const whole = Array.from(positions, (position, i) => ({ position, total: totals[i] as number })).sort(
      (a, b) =>
        b.total - a.total ||
        (tieBreakDigest(round, 'r', `s${a.position}`) < tieBreakDigest(round, 'r', `s${b.position}`)
          ? -1
          : 1),
    );
    for (const k of [1, 3, 16]) {
      expect(firstRanked(positions, totals, k, digest)).toEqual(whole.slice(0, k));
      seen += 1;
    }
  }
  expect(seen).toBe(600);
  expect(asked).toBeGreaterThan(0);
});

test('no digest is made where totals differ', () => {
  const positions = Int32Array.from([0, 1, 2]);
  const never = () => {
    throw new Error('a digest was asked for');
  };
  expect(
    firstRanked(positions, Float64Array.from([1, 3, 2]), 16, never).map(({ position }) => position),
  ).toEqual([1, 2, 0]);
});
