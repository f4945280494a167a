// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { ConstraintValues, Finding } from './certificate-document.js';
import { costOf, tokensOf } from './cost.js';
import type { Contract, Parameters, Request } from './documents.js';
import { scoringLatency } from './promises.js';
import { isNear } from './security.js';

export interface Constrained {
  readonly values: ConstraintValues;
  readonly findings: readonly Finding[];
}

/** 3.4: every component of every G, and those that fail. An unknown cost or latency has no component to record. */
export function constraintsOf(service: Contract, request: Request, parameters: Parameters): Constrained {
  const findings: Finding[] = [];
  const { max_cost_micro_usd: budget, max_latency_micros: limit } = request.budget;
  const costOver = excess(costOf(service, tokensOf(request, parameters)), budget);
  if (costOver === 'unknown') findings.push({ code: 'cost_unknown', ref: '' });
  else if (costOver !== undefined && costOver > 0) findings.push({ code: 'budget_exceeded', ref: '' });
  const latencyOver = excess(scoringLatency(service), limit);
  if (latencyOver === 'unknown') findings.push({ code: 'latency_unknown', ref: '' });
  else if (latencyOver !== undefined && latencyOver > 0) findings.push({ code: 'latency_exceeded', ref: '' });

  const { forbidden, harmful, unsafe } = parameters.actions;
  const asked = request.requirements.constraints;
  const actionLists = [
    ['action_forbidden', [...forbidden, ...asked.forbidden_actions]],
    ['action_harmful', harmful],
    ['action_unsafe', unsafe],
  ] as const;
  const safety = actionLists.map(([code, list]) => {
    const present = service.actions.filter((action) => list.includes(action));
    if (present[0] !== undefined) findings.push({ code, ref: present[0] });
    return present.length;
  });

  const onDevice = asked.on_device && service.privacy.locality !== 'on_device' ? 1 : 0;
  if (onDevice > 0) findings.push({ code: 'on_device_required', ref: '' });
  const lacking = asked.certifications.filter((name) => !service.alignment.certifications.includes(name));
  if (lacking[0] !== undefined) findings.push({ code: 'certification_missing', ref: lacking[0] });

  const traits = traitComponents(service, request, parameters);
  const [risk = 0, confidential = 0, conservative = 0] = traits;
  if (risk > 0) findings.push({ code: 'risk_exceeds_tolerance', ref: '' });
  if (confidential > 0) findings.push({ code: 'confidential_not_local', ref: '' });
  if (conservative > 0) findings.push({ code: 'conservative_not_met', ref: '' });

  const component = (over: number | 'unknown' | undefined) => (typeof over === 'number' ? [over] : []);
  const values = {
    budget: component(costOver),
    latency: component(latencyOver),
    safety,
    policy: [onDevice, lacking.length],
    traits,
  };
  return { values, findings };
}

/** value − limit; undefined without a limit. */
export function excess(value: number | undefined, limit: number | undefined): number | 'unknown' | undefined {
  if (limit === undefined) return undefined;
  return value === undefined ? 'unknown' : value - limit;
}

/** G_traits = [risk, confidential, conservative]. An absent trait is below every θ. */
function traitComponents(service: Contract, request: Request, parameters: Parameters): number[] {
  const { confidential_ppm, conservative_ppm, risk_tolerance_ppm = 1_000_000 } = request.traits;
  const { thresholds } = parameters;
  const confidential = confidential_ppm !== undefined && confidential_ppm >= thresholds.confidential_ppm;
  const conservative = conservative_ppm !== undefined && conservative_ppm >= thresholds.conservative_ppm;
  const steady = service.guarantees.determinism?.equals === 1 || service.origin === 'internal';
  return [
    service.alignment.risk_ppm - risk_tolerance_ppm,
    confidential && !isNear(service) ? 1 : 0,
    conservative && !steady ? 1 : 0,
  ];
}
