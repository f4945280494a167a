// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Contract, Parameters, Request } from './documents.js';

export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** The estimate, else the maximum, else the parameter (calculus, section 2). */
export function tokensOf(request: Request, parameters: Parameters): Tokens {
  const { estimate } = request;
  return {
    input: estimate.input_tokens ?? estimate.max_input_tokens ?? parameters.tokens.input,
    output: estimate.output_tokens ?? estimate.max_output_tokens ?? parameters.tokens.output,
    cached: estimate.cached_tokens ?? 0,
  };
}

/** Micro-USD, exact, one ceiling; undefined when unknown (calculus, section 2). */
export function costOf(service: Contract, tokens: Tokens): number | undefined {
  const { cost } = service;
  if (cost === undefined) return undefined;
  const inputPrice = cost.per_million_input_tokens_micro_usd;
  const kinds = [
    [tokens.input, inputPrice],
    [tokens.output, cost.per_million_output_tokens_micro_usd],
    [tokens.cached, cost.per_million_cached_tokens_micro_usd ?? inputPrice],
  ] as const;
  let picoUsd = 0n;
  for (const [count, price] of kinds) {
    if (count === 0) continue;
    if (price === undefined) return undefined;
    picoUsd += BigInt(count) * BigInt(price);
  }
  const million = 1_000_000n;
  return cost.per_request_micro_usd + Number((picoUsd + million - 1n) / million);
}
