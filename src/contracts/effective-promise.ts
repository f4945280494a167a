import type { Contract } from './contract.js';
import {
  type Bound,
  type Bounds,
  type GuaranteeProperty,
  guaranteeProperties,
  type Operator,
} from './guarantee.js';

/** Weakest to strongest: a bound on a later one is a bound on each before it. */
export const latencyQuantiles = [
  'latency_p50_micros',
  'latency_p95_micros',
  'latency_p99_micros',
  'latency_max_micros',
] as const satisfies readonly GuaranteeProperty[];

/**
 * What a contract promises of a property: the stated value, and for a latency quantile the least bound stated on it or on a
 * stronger one (calculus §2, effective latency). `undefined` when nothing is stated.
 */
export function effectivePromise(contract: Contract, property: GuaranteeProperty): number | undefined {
  const rank = (latencyQuantiles as readonly GuaranteeProperty[]).indexOf(property);
  if (rank < 0) return boundValue(property, contract.guarantees[property]);
  let least: number | undefined;
  for (const quantile of latencyQuantiles.slice(rank)) {
    const stated = contract.guarantees[quantile]?.max;
    if (stated !== undefined && (least === undefined || stated < least)) least = stated;
  }
  return least;
}

/** The least of the stated p95, p99 and max bounds: what a limit on latency and the score look at (calculus §2). */
export function scoringLatency(contract: Contract): number | undefined {
  return effectivePromise(contract, 'latency_p95_micros');
}

/** The value of a bound under the property's own operator. */
export function boundValue(property: GuaranteeProperty, bound: Bound | undefined): number | undefined {
  return bound?.[guaranteeProperties[property].operator];
}

/** `min`: at least; `max`: at most; `equals`: equal. */
export function isAsStrong(operator: Operator, promise: number, bound: number): boolean {
  switch (operator) {
    case 'min':
      return promise >= bound;
    case 'max':
      return promise <= bound;
    case 'equals':
      return promise === bound;
  }
}

/** One required property with its definition and the bound's value. */
export interface RequiredGuarantee {
  readonly property: GuaranteeProperty;
  readonly operator: Operator;
  readonly bound: number;
}

/** What a request requires, in code-point order of property names (the order of the vocabulary). */
export function requiredGuarantees(bounds: Bounds): readonly RequiredGuarantee[] {
  const required: RequiredGuarantee[] = [];
  for (const property of guaranteeNames) {
    const bound = boundValue(property, bounds[property]);
    if (bound === undefined) continue;
    required.push({ property, operator: guaranteeProperties[property].operator, bound });
  }
  return required;
}

/** Every property of the vocabulary, in code-point order. */
export const guaranteeNames = Object.keys(guaranteeProperties).sort() as readonly GuaranteeProperty[];
