import type { Cost } from './contract.js';
import type { TokenCounts } from './token-counts.js';

const perMillion = 1_000_000;

/**
 * What `tokens` cost at these prices, in micro-USD: exact integers, one ceiling (calculus §2, cost). `undefined` (unknown) when there are
 * no prices, or none for a kind of token of which there is more than none.
 */
export function costOfTokens(cost: Cost | undefined, tokens: TokenCounts): number | undefined {
  if (cost === undefined) return undefined;
  const inputPrice = cost.per_million_input_tokens_micro_usd;
  const outputPrice = cost.per_million_output_tokens_micro_usd;
  const cachedPrice = cost.per_million_cached_tokens_micro_usd ?? inputPrice;
  if (tokens.input > 0 && inputPrice === undefined) return undefined;
  if (tokens.output > 0 && outputPrice === undefined) return undefined;
  if (tokens.cached > 0 && cachedPrice === undefined) return undefined;
  return cost.per_request_micro_usd + priced(tokens, inputPrice ?? 0, outputPrice ?? 0, cachedPrice ?? 0);
}

/** ⌈(in·price + out·price + cached·price) / 10⁶⌉; a product can pass 2⁵³, then big integers take over. */
function priced(tokens: TokenCounts, input: number, output: number, cached: number): number {
  const sum = tokens.input * input + tokens.output * output + tokens.cached * cached;
  // A sum that doubles put at or below 2^53 - 1 was exact: no part of it can have been rounded down to there.
  if (sum <= Number.MAX_SAFE_INTEGER) {
    const rest = sum % perMillion;
    return (sum - rest) / perMillion + (rest > 0 ? 1 : 0);
  }
  const exact =
    BigInt(tokens.input) * BigInt(input) +
    BigInt(tokens.output) * BigInt(output) +
    BigInt(tokens.cached) * BigInt(cached);
  return Number((exact + 999_999n) / 1_000_000n);
}
