import { describe, expect, it } from 'vitest';
import type { Contract, Cost } from '../../../src/contracts/contract.js';
import type { Guarantees } from '../../../src/contracts/guarantee.js';
import { enforcementVerdicts, reportedCost } from '../../../src/guarantees/enforcement-verdicts.js';
import { contract } from '../log/entries.js';

const promising = (guarantees: Guarantees): Contract => ({ ...contract('a'), guarantees });
const costing = (cost: Cost): Contract => ({ ...contract('a'), cost });
const all = promising({
  availability_ppm: { min: 990_000 },
  latency_max_micros: { max: 40 },
  latency_p50_micros: { max: 10 },
  latency_p95_micros: { max: 20 },
  latency_p99_micros: { max: 30 },
  accuracy_ppm: { min: 900_000 },
});
const short = (verdicts: ReturnType<typeof enforcementVerdicts>) =>
  verdicts.map(({ property, bound, held }) => `${property} ${bound} ${held}`);

describe('the verdicts on a call', () => {
  it('hold it against what the contract states, in order, then against the certified cost', () => {
    const call = { result: 'answered', latencyMicros: 20, costMicroUsd: 7 } as const;
    expect(short(enforcementVerdicts(all, 7, call))).toEqual([
      'latency_p50_micros 10 false',
      'latency_p95_micros 20 true',
      'latency_p99_micros 30 true',
      'latency_max_micros 40 true',
      'availability_ppm 990000 true',
      'cost_micro_usd 7 true',
    ]);
    expect(short(enforcementVerdicts(all, 6, call)).at(-1)).toBe('cost_micro_usd 6 false');
  });

  it('are on stated bounds only, not on those that a stronger one implies', () => {
    const call = { result: 'answered', latencyMicros: 5, costMicroUsd: undefined } as const;
    const max = promising({ latency_max_micros: { max: 40 } });
    expect(short(enforcementVerdicts(max, 9, call))).toEqual(['latency_max_micros 40 true']);
  });

  it('are that a failed call missed everything it promised, however fast it failed', () => {
    const call = { result: 'failed', latencyMicros: 1, costMicroUsd: undefined } as const;
    const verdicts = enforcementVerdicts(all, 9, call);
    expect(verdicts).toHaveLength(5);
    expect(verdicts.every(({ held }) => !held)).toBe(true);
  });

  it('are none where the call says nothing about the service, or nothing is promised', () => {
    for (const result of ['rejected', 'aborted', 'not_sent'] as const) {
      expect(enforcementVerdicts(all, 9, { result, latencyMicros: 1, costMicroUsd: 1 })).toEqual([]);
    }
    const call = { result: 'answered', latencyMicros: 1, costMicroUsd: 1 } as const;
    expect(enforcementVerdicts(contract('a'), undefined, call)).toEqual([]);
  });
});

describe('the cost of a call', () => {
  const priced = costing({
    per_request_micro_usd: 100,
    per_million_input_tokens_micro_usd: 1_000_000,
    per_million_output_tokens_micro_usd: 2_000_000,
  });

  it('is that of the reported tokens and the request, rounded up once', () => {
    expect(reportedCost(priced, { input_tokens: 3, output_tokens: 2 })).toBe(107);
    expect(reportedCost(priced, { input_tokens: 3, output_tokens: 2, cached_tokens: 5 })).toBe(112);
    const cheap = costing({
      per_request_micro_usd: 0,
      per_million_input_tokens_micro_usd: 1,
      per_million_output_tokens_micro_usd: 1,
    });
    expect(reportedCost(cheap, { input_tokens: 1, output_tokens: 1 })).toBe(1);
  });

  it('is unknown without prices, without a report that is needed, and beyond exact integers', () => {
    expect(reportedCost(contract('a'), { input_tokens: 1, output_tokens: 1 })).toBeUndefined();
    expect(reportedCost(priced)).toBeUndefined();
    expect(reportedCost(priced, { input_tokens: 3 })).toBeUndefined();
    expect(reportedCost(priced, { input_tokens: 2 ** 53 - 1, output_tokens: 0 })).toBeUndefined();
    const unpriced = costing({ per_request_micro_usd: 5 });
    expect(reportedCost(unpriced)).toBeUndefined();
    expect(reportedCost(unpriced, { input_tokens: 1, output_tokens: 0 })).toBeUndefined();
    expect(reportedCost(unpriced, { input_tokens: 0, output_tokens: 0 })).toBe(5);
  });

  it('needs no report of tokens that are free', () => {
    const free = costing({
      per_request_micro_usd: 5,
      per_million_input_tokens_micro_usd: 0,
      per_million_output_tokens_micro_usd: 0,
    });
    expect(reportedCost(free)).toBe(5);
  });
});
