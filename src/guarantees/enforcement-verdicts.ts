import type { Contract } from '../contracts/contract.js';
import { costOfTokens } from '../contracts/cost-of-tokens.js';
import { boundValue, isAsStrong, latencyQuantiles } from '../contracts/effective-promise.js';
import { guaranteeProperties } from '../contracts/guarantee.js';

/** How one call ended, as far as promises go. */
export interface Enforced {
  readonly result: 'answered' | 'rejected' | 'failed' | 'aborted' | 'not_sent';
  readonly latencyMicros: number;
  /** `reportedCost` of the call; `undefined` is unknown. */
  readonly costMicroUsd: number | undefined;
}

export interface EnforcementVerdict {
  readonly property: string;
  readonly bound: number;
  readonly held: boolean;
}

/** Tokens as a service reports them. */
export interface ReportedTokens {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cached_tokens?: number;
}

/**
 * Whether one call kept each promise that a call can be held against (log calculus section 3.7): the bounds that the called service's contract
 * states on latency, then its availability, then the certified cost of the whole execution. None where the call says nothing about the
 * service: the caller left, nothing was sent, or the payload was refused.
 */
export function enforcementVerdicts(
  { guarantees }: Contract,
  promisedCostMicroUsd: number | undefined,
  { result, latencyMicros, costMicroUsd }: Enforced,
): readonly EnforcementVerdict[] {
  if (result !== 'answered' && result !== 'failed') return [];
  const answered = result === 'answered';
  const verdicts: EnforcementVerdict[] = [];
  for (const property of latencyQuantiles) {
    const bound = boundValue(property, guarantees[property]);
    if (bound === undefined) continue;
    const { operator } = guaranteeProperties[property];
    verdicts.push({ property, bound, held: answered && isAsStrong(operator, latencyMicros, bound) });
  }
  const availability = boundValue('availability_ppm', guarantees.availability_ppm);
  if (availability !== undefined) {
    verdicts.push({ property: 'availability_ppm', bound: availability, held: answered });
  }
  if (costMicroUsd !== undefined && promisedCostMicroUsd !== undefined) {
    const held = costMicroUsd <= promisedCostMicroUsd;
    verdicts.push({ property: 'cost_micro_usd', bound: promisedCostMicroUsd, held });
  }
  return verdicts;
}

/**
 * What a call cost by the tokens that the service reported, micro-USD (log calculus section 3.6). `undefined`: there are no prices, or
 * input or output tokens were not reported and are not free, or the figure is beyond 2⁵³. Cached tokens that were not reported are none.
 */
export function reportedCost({ cost }: Contract, tokens: ReportedTokens = {}): number | undefined {
  if (cost === undefined) return undefined;
  const input = tokens.input_tokens ?? freeTokens(cost.per_million_input_tokens_micro_usd);
  const output = tokens.output_tokens ?? freeTokens(cost.per_million_output_tokens_micro_usd);
  if (input === undefined || output === undefined) return undefined;
  const micros = costOfTokens(cost, { input, output, cached: tokens.cached_tokens ?? 0 });
  return Number.isSafeInteger(micros) ? micros : undefined;
}

/** However many there were of them, they cost nothing. */
function freeTokens(price: number | undefined): 0 | undefined {
  return price === 0 ? 0 : undefined;
}
