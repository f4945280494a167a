import type { Parameters } from './parameters.js';
import type { Request } from './request.js';

/** Tokens a request is reckoned with; `input` does not count `cached`. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** The estimate, else the maximum, else the parameters' assumption; never a contract's limit (calculus §2, tokens). */
export function tokenCounts({ estimate }: Request, { tokens }: Parameters): TokenCounts {
  return {
    input: estimate.input_tokens ?? estimate.max_input_tokens ?? tokens.input,
    output: estimate.output_tokens ?? estimate.max_output_tokens ?? tokens.output,
    cached: estimate.cached_tokens ?? 0,
  };
}
