import type { Certificate } from '../../contracts/certificate.js';
import { type GuaranteeProperty, guaranteeProperties } from '../../contracts/guarantee.js';
import { formatDecimal } from '../../kernel/micro.js';
import type { Headers } from '../http/answer.js';

/**
 * What every answer to a decision carries: `x-caio-decision-id`, `x-caio-log-index`, `x-caio-outcome`, and for a routed one the service
 * and its promise, one header a part, in the units in which people write them: `x-caio-promise-deadline-ms`, `-cost-usd`, `-locality`,
 * `-regions`, `-jurisdictions`, and `-<guarantee>` such as `x-caio-promise-latency-p95-ms`.
 */
export function decisionHeaders({ id, outcome }: Certificate, index: number): Headers {
  const headers: { [name: string]: string } = {
    'x-caio-decision-id': id,
    'x-caio-log-index': String(index),
    'x-caio-outcome': outcome.decision,
  };
  if (outcome.decision === 'refused') return headers;
  const { promise, selected } = outcome;
  headers['x-caio-service'] = selected.service;
  headers['x-caio-service-version'] = selected.version;
  headers['x-caio-promise-deadline-ms'] = formatDecimal(promise.deadline_micros, 3);
  if (promise.cost_micro_usd !== undefined) {
    headers['x-caio-promise-cost-usd'] = formatDecimal(promise.cost_micro_usd, 6);
  }
  headers['x-caio-promise-locality'] = promise.locality;
  if (promise.regions.length > 0) headers['x-caio-promise-regions'] = list(promise.regions);
  if (promise.jurisdictions.length > 0) headers['x-caio-promise-jurisdictions'] = list(promise.jurisdictions);
  for (const [property, bound] of Object.entries(promise.guarantees)) {
    const { wire, operator, places } = guaranteeProperties[property as GuaranteeProperty];
    const value = bound[operator];
    if (value === undefined) continue;
    headers[`x-caio-promise-${wire.replaceAll('_', '-')}`] = formatDecimal(value, places);
  }
  return headers;
}

/** Names may hold any character; a header may not. */
function list(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name)).join(', ');
}
