// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import { type AvailabilityRow, type Bound, type Caller, type Capability, type ConstraintValues, type Contract, type Finding, type Operator, type Parameters, type ParameterValue, type Property, type Request, vocabulary } from './documents.js';

const sensitivity = ['public', 'internal', 'confidential', 'restricted'] as const;

/** 3.0: the recorded evidence about the caller; the same for every service. */
export function authenticationFindings(caller: Caller, time: number, parameters: Parameters): Finding[] {
  const { methods, issuers, audience } = parameters.authentication;
  const findings: Finding[] = [];
  if (!methods.includes(caller.method)) findings.push({ code: 'method_not_accepted', ref: '' });
  if (!issuers.includes(caller.issuer)) findings.push({ code: 'issuer_unknown', ref: '' });
  if (caller.audience !== audience) findings.push({ code: 'audience_wrong', ref: '' });
  if (time < caller.not_before) findings.push({ code: 'credential_not_yet_valid', ref: '' });
  if (time >= caller.expires) findings.push({ code: 'credential_expired', ref: '' });
  return findings;
}

/** 3.1 */
export function matchingFindings(
  service: Contract,
  row: AvailabilityRow | undefined,
  request: Request,
  parameters: Parameters,
): Finding[] {
  return [
    ...(row === undefined ? [] : [{ code: row.state, ref: '' } as const]),
    ...capabilityFindings(service, request),
    ...guaranteeFindings((property) => effectivePromise(service, property), request),
    ...limitFindings(service, request, parameters),
  ];
}

/** 3.1.2 */
function capabilityFindings(service: Contract, request: Request): Finding[] {
  const { capabilities: required, match } = request.requirements;
  if (match === 'any') {
    const met = required.some((capability) => meetsCapability(service, capability));
    return met ? [] : [{ code: 'capability_missing', ref: 'any' }];
  }
  const findings: Finding[] = [];
  for (const capability of required) {
    if (meetsCapability(service, capability)) continue;
    const offered = service.capabilities.some(({ type }) => type === capability.type);
    findings.push({ code: offered ? 'capability_parameter' : 'capability_missing', ref: capability.type });
  }
  return findings;
}

function meetsCapability(service: Contract, required: Capability): boolean {
  return service.capabilities.some((offered) => {
    if (offered.type !== required.type) return false;
    return Object.entries(required.parameters).every(([name, value]) =>
      meetsParameter(Object.hasOwn(offered.parameters, name) ? offered.parameters[name] : undefined, value),
    );
  });
}

/** A flag, a set, or a range: each kind is met by its own kind only. */
export function meetsParameter(offered: ParameterValue | undefined, required: ParameterValue): boolean {
  if (required === false) return true;
  if (required === true) return offered === true;
  if (offered === undefined || typeof offered === 'boolean') return false;
  if (isSet(required)) return isSet(offered) && required.every((member) => offered.includes(member));
  if (isSet(offered)) return false;
  const { min_micro: low = -Infinity, max_micro: high = Infinity } = offered;
  return [required.min_micro, required.max_micro].every(
    (end) => end === undefined || (low <= end && end <= high),
  );
}

function isSet(value: ParameterValue): value is readonly string[] {
  return Array.isArray(value);
}

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

export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** The estimate, else the maximum, else the parameter (calculus, section 2). */
export function tokensOf(request: Request, parameters: Parameters): Tokens {
  const { estimate } = request;
  return {
    input: estimate.input_tokens ?? estimate.max_input_tokens ?? parameters.tokens.input,
    output: estimate.output_tokens ?? estimate.max_output_tokens ?? parameters.tokens.output,
    cached: estimate.cached_tokens ?? 0,
  };
}

/** 3.1.4 */
function limitFindings(service: Contract, request: Request, parameters: Parameters): Finding[] {
  const { input, output, cached } = tokensOf(request, parameters);
  const limits = service.constraints;
  const sent = [
    ['max_input_tokens', input + cached],
    ['max_output_tokens', output],
    ['max_total_tokens', input + cached + output],
  ] as const;
  const findings: Finding[] = [];
  for (const [name, tokens] of sent) {
    const limit = limits[name];
    if (limit !== undefined && tokens > limit) findings.push({ code: 'limit_exceeded', ref: name });
  }
  const { classification, contains } = request.data;
  const most = limits.max_classification;
  if (most !== undefined && sensitivity.indexOf(classification) > sensitivity.indexOf(most)) {
    findings.push({ code: 'data_not_accepted', ref: 'max_classification' });
  }
  for (const refused of limits.refuses ?? []) {
    if (contains.includes(refused)) findings.push({ code: 'data_not_accepted', ref: refused });
  }
  return findings;
}

export function isNear(service: Contract): boolean {
  return service.privacy.locality === 'local' || service.privacy.locality === 'on_device';
}

/** 3.3 */
export function securityFindings(
  service: Contract,
  request: Request,
  caller: Caller,
  parameters: Parameters,
): Finding[] {
  const findings: Finding[] = [...permissionFindings(service, caller)];
  const { classification, contains, jurisdictions } = request.data;
  const { encryption } = service.privacy;
  const sensitive =
    classification === 'confidential' || classification === 'restricted' || contains.length > 0;
  if (sensitive && !isNear(service) && !(encryption.in_transit && encryption.at_rest)) {
    findings.push({ code: 'sensitive_unprotected', ref: '' });
  }
  if (jurisdictions.length > 0) {
    if (service.privacy.jurisdictions.length === 0) findings.push({ code: 'jurisdiction_unknown', ref: '' });
    for (const place of service.privacy.jurisdictions) {
      if (!jurisdictions.includes(place)) findings.push({ code: 'jurisdiction_outside', ref: place });
    }
  }
  if (caller.trust_level < service.security.trust_level) {
    findings.push({ code: 'trust_insufficient', ref: '' });
  }
  if (service.security.tenants !== undefined && !service.security.tenants.includes(caller.tenant)) {
    findings.push({ code: 'tenant_not_admitted', ref: '' });
  }
  if (!allowedZones(caller.tenant, parameters).includes(service.zone)) {
    findings.push({ code: 'zone_not_allowed', ref: service.zone });
  }
  return findings;
}

function permissionFindings(service: Contract, caller: Caller): Finding[] {
  const { permissions } = service.security;
  if ('any_of' in permissions) {
    const admitted =
      permissions.any_of.length === 0 || permissions.any_of.some((name) => caller.permissions.includes(name));
    return admitted ? [] : [{ code: 'permission_missing', ref: 'any_of' }];
  }
  const missing = permissions.all.filter((name) => !caller.permissions.includes(name));
  return missing.map((ref) => ({ code: 'permission_missing', ref }));
}

function allowedZones(tenant: string, { zones }: Parameters): readonly string[] {
  if (Object.hasOwn(zones, tenant)) return zones[tenant] ?? [];
  return Object.hasOwn(zones, '*') ? (zones['*'] ?? []) : [];
}

/** Micro-USD, exact, one ceiling; undefined when unknown (calculus, section 2). */
export function costOf(service: Contract, tokens: Tokens): number | undefined {
  const { cost } = service;
  if (cost === undefined) return undefined;
  const inputPrice = cost.per_million_input_tokens_micro_usd;
  const kinds = [
    [tokens.input, inputPrice],
    [tokens.output, cost.per_million_output_tokens_micro_usd],
    [tokens.cached, cost.per_million_cached_tokens_micro_usd ?? inputPrice],
  ] as const;
  let picoUsd = 0n;
  for (const [count, price] of kinds) {
    if (count === 0) continue;
    if (price === undefined) return undefined;
    picoUsd += BigInt(count) * BigInt(price);
  }
  const million = 1_000_000n;
  return cost.per_request_micro_usd + Number((picoUsd + million - 1n) / million);
}

/** The least of the stated p95, p99 and max, in micros; undefined when none is stated. */
export function scoringLatency(service: Contract): number | undefined {
  return effectivePromise(service, 'latency_p95_micros');
}

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
