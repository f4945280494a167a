import type { RequiredGuarantee } from '../contracts/effective-promise.js';
import { guaranteeProperties, type PropertyKind } from '../contracts/guarantee.js';
import type { Parameters, Weights } from '../contracts/parameters.js';
import type { HistoryRow } from '../contracts/state.js';
import { sat } from './sat.js';

const ppm = 1_000_000;

/** Nine terms in [0, 10⁶] in the order of the weights α β γ δ μ ν λ ρ η, more being better (calculus 3.5). */
export type Terms = readonly [number, number, number, number, number, number, number, number, number];

/** Σ weightᵢ·termᵢ: at most 10¹², so exact. */
export function totalOf(weights: Weights, terms: Terms): number {
  let total = 0;
  for (let i = 0; i < weights.length; i += 1) total += (weights[i] as number) * (terms[i] as number);
  return total;
}

/** Term 4: ⌊Σ slack / n⌋ over the n required properties, 0 when none is required. `promise` gives effective promises. */
export function guaranteeTerm(
  required: readonly RequiredGuarantee[],
  promise: (property: RequiredGuarantee['property']) => number,
  scales: Parameters['scales'],
): number {
  if (required.length === 0) return 0;
  let slacks = 0;
  for (const { property, operator, bound } of required) {
    if (operator === 'equals') continue;
    slacks += sat(
      Math.abs(promise(property) - bound),
      slackScale(guaranteeProperties[property].kind, scales),
    );
  }
  return Math.floor(slacks / required.length);
}

function slackScale(kind: PropertyKind, scales: Parameters['scales']): number {
  switch (kind) {
    case 'time':
      return scales.slack_time_micros;
    case 'ratio':
      return scales.slack_ratio_ppm;
    case 'rate':
      return scales.slack_rate_micro;
    case 'flag':
      // Flags are `equals`: they have no slack, so no scale is ever asked for.
      return 1;
  }
}

/** Term 5: ⌊10⁶·(successes + 1) / (trials + 2)⌋; a service without a row is as one with no trials, 500,000. */
export function reliabilityTerm(row: Pick<HistoryRow, 'trials' | 'successes'> | undefined): number {
  if (row === undefined) return ppm / 2;
  return Math.floor((ppm * (row.successes + 1)) / (row.trials + 2));
}

/** Terms 6 and 8: 10⁶ − sat(x, scale); 0 when x is unknown (NaN). */
export function lessIsBetterTerm(x: number, scale: number): number {
  return Number.isNaN(x) ? 0 : ppm - sat(x, scale);
}

/** Term 7: 10⁶ − risk. */
export function riskTerm(riskPpm: number): number {
  return ppm - riskPpm;
}
