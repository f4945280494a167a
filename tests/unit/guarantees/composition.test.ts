import { expect, test } from 'vitest';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import { composeChain } from '../../../src/guarantees/composite.js';
import { keepsRequirements, promiseOf } from '../../../src/guarantees/promise.js';
import {
  frechetPpm,
  type LatencyPromise,
  parallelLatency,
  sequenceLatency,
} from '../../../src/guarantees/quantile-composition.js';
import vectors from '../../vectors/calculus.json' with { type: 'json' };
import { contract, plainRequest } from '../orchestrator/world.js';

test("Fréchet's bound agrees with the known answers", () => {
  expect(vectors.frechet.length).toBeGreaterThan(3);
  for (const { as, value } of vectors.frechet) expect(frechetPpm(as)).toBe(value);
});

test('latency in sequence and in parallel agrees with the known answers', () => {
  const missOf = { p50: 500_000, p95: 50_000, p99: 10_000, max: 0 } as const;
  let compared = 0;
  for (const { members, atMost, parallel } of vectors.sequenceLatency) {
    const promises = members.map((stated) =>
      stated.map(({ m, b }): LatencyPromise => ({ missPpm: m, boundMicros: b })),
    );
    for (const [quantile, value] of Object.entries(atMost)) {
      expect(sequenceLatency(promises, missOf[quantile as keyof typeof missOf])).toBe(value ?? undefined);
      compared += 1;
    }
    expect(parallelLatency(promises, missOf.p95)).toBe(parallel.p95);
  }
  expect(compared).toBeGreaterThan(20);
});

const member = (more: Parameters<typeof contract>[1], cost: number | 'unknown' = 10) => ({
  contract: contract('s', more),
  costMicroUsd: cost === 'unknown' ? undefined : cost,
});

test('a chain of one promises what the service does, latency on every quantile that a stronger one bounds', () => {
  const alone = composeChain(
    [member({ guarantees: { latency_p99_micros: { max: 900 }, accuracy_ppm: { min: 5 } } })],
    50,
  );
  expect(Object.fromEntries(alone.promises)).toEqual({
    accuracy_ppm: 5,
    latency_p50_micros: 900,
    latency_p95_micros: 900,
    latency_p99_micros: 900,
  });
  expect(alone.latencyMicros).toBe(900);
  expect(alone.costMicroUsd).toBe(10);
});

test('in a fallback chain the deadline is waited for, costs add, the weakest promise counts but for availability', () => {
  const chain = composeChain(
    [
      member({
        guarantees: {
          accuracy_ppm: { min: 900 },
          availability_ppm: { min: 10 },
          determinism: { equals: 1 },
          interference_ppm: { max: 3 },
          throughput_micro_rps: { min: 1 },
        },
        privacy: {
          ...contract('x').privacy,
          locality: 'on_device',
          regions: ['z', 'b'],
          jurisdictions: ['EU'],
        },
      }),
      member(
        {
          guarantees: {
            accuracy_ppm: { min: 800 },
            determinism: { equals: 0 },
            interference_ppm: { max: 7 },
            latency_max_micros: { max: 400 },
          },
          privacy: {
            ...contract('x').privacy,
            locality: 'region',
            regions: ['a'],
            jurisdictions: ['CH', 'EU'],
          },
        },
        32,
      ),
    ],
    1_000,
  );
  expect(Object.fromEntries(chain.promises)).toEqual({
    accuracy_ppm: 800,
    availability_ppm: 10,
    interference_ppm: 7,
    latency_max_micros: 1_400,
    latency_p50_micros: 1_400,
    latency_p95_micros: 1_400,
    latency_p99_micros: 1_400,
  });
  expect(chain.costMicroUsd).toBe(42);
  expect(chain.latencyMicros).toBe(1_400);
  expect(chain.locality).toBe('region');
  expect(chain.regions).toEqual(['a', 'b', 'z']);
  expect(chain.jurisdictions).toEqual(['CH', 'EU']);
});

test('limits fail on what is unknown and hold at equality', () => {
  const unknown = composeChain([member({ guarantees: {} }, 'unknown')], 0);
  const known = composeChain([member({}, 10)], 0);
  const within = (budget: (typeof plainRequest)['budget']) => ({ ...plainRequest, budget });
  expect(keepsRequirements(unknown, within({ max_cost_micro_usd: 1 }))).toBe(false);
  expect(keepsRequirements(unknown, within({ max_latency_micros: 1 }))).toBe(false);
  expect(keepsRequirements(unknown, plainRequest)).toBe(true);
  expect(keepsRequirements(known, within({ max_cost_micro_usd: 10, max_latency_micros: 1_000_000 }))).toBe(
    true,
  );
  expect(keepsRequirements(known, within({ max_cost_micro_usd: 9 }))).toBe(false);
});

test('the deadline is the least that is known of limit, promised maximum and parameter', () => {
  const bounded = composeChain([member({ guarantees: { latency_max_micros: { max: 77 } } })], 0);
  const unbounded = composeChain([member({ guarantees: {} }, 'unknown')], 0);
  expect(promiseOf(bounded, plainRequest, defaultParameters).deadline_micros).toBe(77);
  const promise = promiseOf(unbounded, plainRequest, defaultParameters);
  expect(promise.deadline_micros).toBe(defaultParameters.deadline_micros);
  expect('cost_micro_usd' in promise).toBe(false);
});
