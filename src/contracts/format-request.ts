import { formatCapabilities, formatGuarantees } from './format-requirements.js';
import type { RequestDocument } from './request.js';
import { decimal, type WireTree, wireText } from './wire-text.js';

/** A request body in JSON: `parseRequest(formatRequest(d))` is d, number for number. The payload goes out as `JSON.stringify` writes it. */
export function formatRequest(document: RequestDocument): string {
  const { request, subject, seed, payload } = document;
  const { requirements, budget, traits, fallback } = request;
  return wireText({
    request: {
      intent: { type: request.intent.type },
      requirements: {
        capabilities: formatCapabilities(requirements.capabilities),
        match: requirements.match,
        guarantees: formatGuarantees(requirements.guarantees),
        constraints: { ...requirements.constraints },
      },
      data: { ...request.data },
      budget: {
        max_cost_usd: decimal(budget.max_cost_micro_usd, 6),
        max_latency_ms: decimal(budget.max_latency_micros, 3),
      },
      estimate: { ...request.estimate },
      traits: {
        conservative: decimal(traits.conservative_ppm, 6),
        confidential: decimal(traits.confidential_ppm, 6),
        risk_tolerance: decimal(traits.risk_tolerance_ppm, 6),
      },
      fallback:
        fallback === undefined
          ? undefined
          : { max_services: fallback.max_services, deadline_ms: decimal(fallback.deadline_micros, 3) },
      context: { ...request.context },
      profile: request.profile,
      seed,
      subject,
    },
    // Any JSON value; null is one.
    payload: payload as WireTree | undefined,
  });
}
