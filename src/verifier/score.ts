// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import { costOf, tokensOf } from './cost.js';
import { digest } from './digest.js';
import type { Contract, HistoryRow, Operator, Parameters, Request } from './documents.js';
import { vocabulary } from './documents.js';
import { effectivePromise, requiredBounds, scoringLatency } from './promises.js';

const million = 1_000_000;
const clamp = 2 ** 32;

/** ⌊10⁶·x′ / (x′ + s)⌋ with x′ = min(max(x, 0), 2³²) and 0 < s ≤ 2³²: every intermediate is below 2⁵³, so exact. */
export function sat(x: number, s: number): number {
  const clamped = Math.min(Math.max(x, 0), clamp);
  return floorDivide(million * clamped, clamped + s);
}

/** ⌊n / d⌋ of safe integers n ≥ 0, d > 0, exactly. */
export function floorDivide(n: number, d: number): number {
  return (n - (n % d)) / d;
}

/** Room between what is promised and what is required, in [0, 10⁶]. */
export function slack(
  kind: 'time' | 'ratio' | 'rate' | 'flag',
  operator: Operator,
  promise: number,
  bound: number,
  scales: Parameters['scales'],
): number {
  if (operator === 'equals' || kind === 'flag') return 0;
  const scale = {
    time: scales.slack_time_micros,
    ratio: scales.slack_ratio_ppm,
    rate: scales.slack_rate_micro,
  };
  return sat(Math.abs(promise - bound), scale[kind]);
}

/** Laplace's rule of succession, floored to ppm. */
export function reliability(row: Pick<HistoryRow, 'successes' | 'trials'> | undefined): number {
  return row === undefined ? 500_000 : floorDivide(million * (row.successes + 1), row.trials + 2);
}

/** The nine terms of 3.5, in the order of the weights, each in [0, 10⁶]. */
export function termsOf(
  service: Contract,
  row: HistoryRow | undefined,
  request: Request,
  parameters: Parameters,
): number[] {
  const { scales } = parameters;
  const cost = costOf(service, tokensOf(request, parameters));
  const latency = scoringLatency(service);
  return [
    0,
    0,
    0,
    0,
    guaranteeTerm(service, request, parameters),
    reliability(row),
    cost === undefined ? 0 : million - sat(cost, scales.cost_micro_usd),
    million - service.alignment.risk_ppm,
    latency === undefined ? 0 : million - sat(latency, scales.latency_micros),
  ];
}

function guaranteeTerm(service: Contract, request: Request, parameters: Parameters): number {
  const required = requiredBounds(request);
  if (required.length === 0) return 0;
  let sum = 0;
  for (const [property, bound] of required) {
    const { kind, operator } = vocabulary[property];
    const promise = effectivePromise(service, property);
    if (promise !== undefined) sum += slack(kind, operator, promise, bound, parameters.scales);
  }
  return floorDivide(sum, required.length);
}

/** Σ weightᵢ·termᵢ ≤ 10¹². */
export function totalOf(weights: readonly number[], terms: readonly number[]): number {
  return terms.reduce((sum, term, i) => sum + (weights[i] ?? 0) * term, 0);
}

export function tieBreak(seed: number, requestDigest: string, service: string): string {
  return digest('caio/tie-break/v1', [seed, requestDigest, service]);
}

export interface Scored {
  readonly contract: Contract;
  readonly terms: readonly number[];
  readonly total: number;
}

/** Greatest total first; equal totals by least tie-break digest. */
export function rank(scored: readonly Scored[], seed: number, requestDigest: string): Scored[] {
  const drawn = new Map<string, string>();
  const drawOf = ({ contract: { id } }: Scored): string => {
    const known = drawn.get(id) ?? tieBreak(seed, requestDigest, id);
    drawn.set(id, known);
    return known;
  };
  return [...scored].sort((a, b) => b.total - a.total || byCodePoint(drawOf(a), drawOf(b)));
}
