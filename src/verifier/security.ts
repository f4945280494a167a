// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Finding } from './certificate-document.js';
import type { Caller, Contract, Parameters, Request } from './documents.js';

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

export function isNear(service: Contract): boolean {
  return service.privacy.locality === 'local' || service.privacy.locality === 'on_device';
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
