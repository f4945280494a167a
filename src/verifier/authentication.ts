// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Finding } from './certificate-document.js';
import type { Caller, Parameters } from './documents.js';

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
