// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { costOf } from './cost.js';
import type { Contract, Property } from './documents.js';
import type { Measured, Verdict } from './log-entry.js';
import { boundValue } from './promises.js';

const latencies: readonly Property[] = [
  'latency_p50_micros',
  'latency_p95_micros',
  'latency_p99_micros',
  'latency_max_micros',
];

/** Whether the call kept each promise that it can be held against. `promisedCost`: of the whole execution. */
export function verdictsOf(
  contract: Contract,
  { result, latency_micros: latency, cost_micro_usd: cost }: Measured,
  promisedCost: number | undefined,
): Verdict[] {
  if (result !== 'answered' && result !== 'failed') return [];
  const answered = result === 'answered';
  const verdicts: Verdict[] = [];
  for (const property of latencies) {
    const bound = boundValue(contract.guarantees[property], property);
    if (bound !== undefined) verdicts.push({ property, bound, held: answered && latency <= bound });
  }
  const availability = boundValue(contract.guarantees.availability_ppm, 'availability_ppm');
  if (availability !== undefined)
    verdicts.push({ property: 'availability_ppm', bound: availability, held: answered });
  if (cost !== undefined && promisedCost !== undefined) {
    verdicts.push({ property: 'cost_micro_usd', bound: promisedCost, held: cost <= promisedCost });
  }
  return verdicts;
}

/**
 * Of the tokens that the service reported, when it answered at all. What is not reported is unknown, unless it is free; cached tokens that are
 * not reported are none.
 */
export function measuredCost(
  { cost, ...contract }: Contract,
  { result, tokens = {} }: Measured,
): number | undefined {
  if (result !== 'answered' && result !== 'rejected') return undefined;
  if (cost === undefined) return undefined;
  const free = (price: number | undefined): 0 | undefined => (price === 0 ? 0 : undefined);
  const input = tokens.input_tokens ?? free(cost.per_million_input_tokens_micro_usd);
  const output = tokens.output_tokens ?? free(cost.per_million_output_tokens_micro_usd);
  if (input === undefined || output === undefined) return undefined;
  const whole = costOf({ ...contract, cost }, { input, output, cached: tokens.cached_tokens ?? 0 });
  return Number.isSafeInteger(whole) ? whole : undefined;
}
