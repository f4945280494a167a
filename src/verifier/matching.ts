// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Finding } from './certificate-document.js';
import { tokensOf } from './cost.js';
import type { AvailabilityRow, Capability, Contract, Parameters, ParameterValue, Request } from './documents.js';
import { effectivePromise, guaranteeFindings } from './promises.js';

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

const sensitivity = ['public', 'internal', 'confidential', 'restricted'] as const;

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
