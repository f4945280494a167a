// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { asSet } from './canonical.js';
import type { Promised } from './certificate-document.js';
import { excess } from './constraints.js';
import { costOf, tokensOf } from './cost.js';
import type { Bounds, Contract, Locality, Parameters, Property, Request } from './documents.js';
import { properties, vocabulary } from './documents.js';
import { boundValue, effectivePromise, guaranteeFindings, least, scoringLatency } from './promises.js';

const localities: readonly Locality[] = ['on_device', 'local', 'region', 'cloud'];

/** What a chain as a whole gives (3.7). Units as in contracts; undefined is absent, unknown. */
export interface Composite {
  readonly values: { readonly [P in Property]?: number };
  readonly cost: number | undefined;
  readonly latency: number | undefined;
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
}

/** The composite of s₁ … sₙ (n ≥ 1), each asked after the one before it failed or ran past the deadline. */
export function compose(
  chain: readonly Contract[],
  deadlineMicros: number,
  request: Request,
  parameters: Parameters,
): Composite {
  const last = chain.at(-1) as Contract;
  const waited = (chain.length - 1) * deadlineMicros;
  const later = (micros: number | undefined) => (micros === undefined ? undefined : waited + micros);
  const values: { [P in Property]?: number } = {};
  for (const property of properties) {
    const value =
      vocabulary[property].kind === 'time'
        ? later(effectivePromise(last, property))
        : composedValue(property, chain);
    if (value !== undefined) values[property] = value;
  }
  const tokens = tokensOf(request, parameters);
  const rankOf = (service: Contract) => localities.indexOf(service.privacy.locality);
  return {
    values,
    cost: whenAll(chain.map((service) => costOf(service, tokens)))?.reduce((sum, cost) => sum + cost, 0),
    latency: later(scoringLatency(last)),
    locality: localities[Math.max(...chain.map(rankOf))] as Locality,
    regions: asSet(chain.flatMap((service) => service.privacy.regions)),
    jurisdictions: asSet(chain.flatMap((service) => service.privacy.jurisdictions)),
  };
}

/** Properties other than latency: availability the greatest stated; the others only when all state them. */
function composedValue(property: Property, chain: readonly Contract[]): number | undefined {
  const stated = chain.map((service) => boundValue(service.guarantees[property], property));
  if (property === 'availability_ppm') {
    const some = stated.filter((value) => value !== undefined);
    return some.length === 0 ? undefined : Math.max(...some);
  }
  const all = whenAll(stated);
  if (all === undefined) return undefined;
  const { operator } = vocabulary[property];
  if (operator === 'min') return Math.min(...all);
  if (operator === 'max') return Math.max(...all);
  return all.every((value) => value === all[0]) ? all[0] : undefined;
}

/** The list itself when every element exists. */
function whenAll(values: readonly (number | undefined)[]): number[] | undefined {
  const stated = values.filter((value) => value !== undefined);
  return stated.length === values.length ? stated : undefined;
}

/** Every required guarantee, the budget and the latency limit hold for the composite; unknown fails a limit. */
export function keeps(composite: Composite, request: Request): boolean {
  const { max_cost_micro_usd: budget, max_latency_micros: limit } = request.budget;
  const within = (over: number | 'unknown' | undefined) =>
    over === undefined || (over !== 'unknown' && over <= 0);
  return (
    guaranteeFindings((property) => composite.values[property], request).length === 0 &&
    within(excess(composite.cost, budget)) &&
    within(excess(composite.latency, limit))
  );
}

/** The longest prefix of the ranking that the request allows and whose composite keeps everything. */
export function chainOf(ranked: readonly Contract[], request: Request, parameters: Parameters): Contract[] {
  const { max_services: most, deadline_micros: deadline } = request.fallback ?? {
    max_services: 1,
    deadline_micros: 0,
  };
  for (let length = Math.min(most, ranked.length); length > 1; length -= 1) {
    const chain = ranked.slice(0, length);
    if (keeps(compose(chain, deadline, request, parameters), request)) return chain;
  }
  return ranked.slice(0, 1);
}

/** What is promised to the caller. */
export function promiseOf(chain: readonly Contract[], request: Request, parameters: Parameters): Promised {
  const composite = compose(chain, request.fallback?.deadline_micros ?? 0, request, parameters);
  const guarantees: { [P in Property]?: Bounds[P] } = {};
  for (const property of properties) {
    const value = composite.values[property];
    if (value !== undefined) guarantees[property] = { [vocabulary[property].operator]: value };
  }
  const deadline = least([
    request.budget.max_latency_micros,
    composite.values.latency_max_micros,
    parameters.deadline_micros,
  ]);
  return {
    guarantees,
    ...(composite.cost !== undefined && { cost_micro_usd: composite.cost }),
    locality: composite.locality,
    regions: composite.regions,
    jurisdictions: composite.jurisdictions,
    deadline_micros: deadline as number,
  };
}
