import type { Promised } from '../contracts/certificate.js';
import { isAsStrong, requiredGuarantees } from '../contracts/effective-promise.js';
import { type Bound, guaranteeProperties } from '../contracts/guarantee.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Request } from '../contracts/request.js';
import type { Composite } from './composite.js';

/** Whether a composite keeps every required guarantee, the budget and the latency limit; what is unknown keeps no limit (calculus 3.7). */
export function keepsRequirements(composite: Composite, request: Request): boolean {
  const { max_cost_micro_usd: budget, max_latency_micros: limit } = request.budget;
  if (budget !== undefined && !(composite.costMicroUsd !== undefined && composite.costMicroUsd <= budget)) {
    return false;
  }
  if (limit !== undefined && !(composite.latencyMicros !== undefined && composite.latencyMicros <= limit)) {
    return false;
  }
  return requiredGuarantees(request.requirements.guarantees).every(({ property, operator, bound }) => {
    const promise = composite.promises.get(property);
    return promise !== undefined && isAsStrong(operator, promise, bound);
  });
}

/** What the caller is promised: every composite value that exists, and the least deadline that is known. */
export function promiseOf(composite: Composite, request: Request, parameters: Parameters): Promised {
  const guarantees: { [property: string]: Bound } = {};
  for (const [property, value] of composite.promises) {
    guarantees[property] = { [guaranteeProperties[property].operator]: value };
  }
  const deadlines = [
    request.budget.max_latency_micros,
    composite.promises.get('latency_max_micros'),
    parameters.deadline_micros,
  ].filter((micros) => micros !== undefined);
  return {
    guarantees,
    ...(composite.costMicroUsd === undefined ? {} : { cost_micro_usd: composite.costMicroUsd }),
    locality: composite.locality,
    regions: composite.regions,
    jurisdictions: composite.jurisdictions,
    deadline_micros: Math.min(...deadlines),
  };
}
