// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { Finding } from './certificate-document.js';
import type { Bound, Contract, Operator, Property, Request } from './documents.js';
import { vocabulary } from './documents.js';

/** Effective latency quantiles borrow from stronger ones (calculus, section 2). */
const stronger: { readonly [P in Property]?: readonly Property[] } = {
  latency_p50_micros: [
    'latency_p50_micros',
    'latency_p95_micros',
    'latency_p99_micros',
    'latency_max_micros',
  ],
  latency_p95_micros: ['latency_p95_micros', 'latency_p99_micros', 'latency_max_micros'],
  latency_p99_micros: ['latency_p99_micros', 'latency_max_micros'],
  latency_max_micros: ['latency_max_micros'],
};

/** What s promises on a property, in its unit; undefined when nothing. */
export function effectivePromise(service: Contract, property: Property): number | undefined {
  return least((stronger[property] ?? [property]).map((name) => boundValue(service.guarantees[name], name)));
}

export function boundValue(bound: Bound | undefined, property: Property): number | undefined {
  return bound?.[vocabulary[property].operator];
}

/** The least of the values that exist. */
export function least(values: readonly (number | undefined)[]): number | undefined {
  const stated = values.filter((value) => value !== undefined);
  return stated.length === 0 ? undefined : Math.min(...stated);
}

/** Required properties in code-point order of names, with their bounds. */
export function requiredBounds(request: Request): [Property, number][] {
  const names = Object.keys(request.requirements.guarantees) as Property[];
  return names
    .sort(byCodePoint)
    .map((name) => [name, boundValue(request.requirements.guarantees[name], name) as number]);
}

export function isAsStrong(operator: Operator, promise: number, bound: number): boolean {
  if (operator === 'min') return promise >= bound;
  if (operator === 'max') return promise <= bound;
  return promise === bound;
}

/** 3.1.3, for a service (its effective promises) as for a chain (its composite's). */
export function guaranteeFindings(
  promiseOf: (property: Property) => number | undefined,
  request: Request,
): Finding[] {
  const findings: Finding[] = [];
  for (const [property, bound] of requiredBounds(request)) {
    const promise = promiseOf(property);
    if (promise === undefined) findings.push({ code: 'guarantee_absent', ref: property });
    else if (!isAsStrong(vocabulary[property].operator, promise, bound)) {
      findings.push({ code: 'guarantee_weaker', ref: property });
    }
  }
  return findings;
}

/** The least of the stated p95, p99 and max, in micros; undefined when none is stated. */
export function scoringLatency(service: Contract): number | undefined {
  return effectivePromise(service, 'latency_p95_micros');
}
