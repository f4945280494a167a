import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { checkSize } from './canonical-size.js';
import type { Api, Contract, Cost, Limits, PermissionRequirement, Privacy } from './contract.js';
import { exactUnits, plainCount } from './exact-units.js';
import { capabilitiesOf, guaranteesOf } from './parse-requirements.js';
import { mapEntries, present } from './present.js';
import { checkShape } from './schema.js';
import { textSet } from './text-set.js';
import type { WireContract } from './wire.js';

/**
 * A service contract from its document (configs/schemas/contract.schema.json), normalised: integers in micro-units, sets sorted, defaults
 * filled in. Errors: every problem with path and position. Never throws.
 */
export function parseContract(document: SourceDocument): Result<Contract, readonly Problem[]> {
  const problems = checkShape('contract', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const contract = contractOf(document, document.value as unknown as WireContract);
  const oversize = checkSize(document, 'contract', contract, '');
  return oversize.length > 0 ? err(oversize) : ok(contract);
}

function contractOf(document: SourceDocument, wire: WireContract): Contract {
  const { risk, certifications, ...alignmentSource } = wire.alignment;
  return present<Contract>({
    id: wire.id,
    version: wire.version,
    description: wire.description,
    origin: wire.origin,
    zone: wire.zone ?? 'default',
    capabilities: capabilitiesOf(document, '/capabilities', wire.capabilities),
    actions: textSet(wire.actions),
    guarantees: guaranteesOf(document, '/guarantees', wire.guarantees),
    constraints: limitsOf(wire.constraints),
    cost: wire.cost === undefined ? undefined : costOf(document, wire.cost),
    privacy: privacyOf(wire.privacy),
    alignment: {
      certifications: textSet(certifications),
      risk_ppm: exactUnits(document, '/alignment/risk', risk, 6),
      ...alignmentSource,
    },
    security: present<Contract['security']>({
      permissions: permissionsOf(wire.security.permissions),
      trust_level: plainCount(wire.security.trust_level),
      tenants: wire.security.tenants === undefined ? undefined : textSet(wire.security.tenants),
    }),
    api: apiOf(wire.api),
    invariants: [...(wire.invariants ?? [])],
  });
}

function limitsOf(wire: WireContract['constraints']): Limits {
  return present<Limits>({
    max_input_tokens: plainCount(wire?.max_input_tokens),
    max_output_tokens: plainCount(wire?.max_output_tokens),
    max_total_tokens: plainCount(wire?.max_total_tokens),
    max_classification: wire?.max_classification,
    refuses: wire?.refuses === undefined ? undefined : textSet(wire.refuses),
    source: wire?.source,
    retrieved: wire?.retrieved,
  });
}

function costOf(document: SourceDocument, wire: NonNullable<WireContract['cost']>): Cost {
  const price = (name: PriceName) => {
    const value = wire[name];
    return value === undefined ? undefined : exactUnits(document, `/cost/${name}`, value, 6);
  };
  return present<Cost>({
    per_request_micro_usd: price('per_request_usd') ?? 0,
    per_million_input_tokens_micro_usd: price('per_million_input_tokens_usd'),
    per_million_output_tokens_micro_usd: price('per_million_output_tokens_usd'),
    per_million_cached_tokens_micro_usd: price('per_million_cached_tokens_usd'),
    source: wire.source,
    retrieved: wire.retrieved,
  });
}

type PriceName = Exclude<keyof NonNullable<WireContract['cost']>, 'unit' | 'source' | 'retrieved'>;

function privacyOf(wire: WireContract['privacy']): Privacy {
  return present<Privacy>({
    locality: wire.locality,
    regions: textSet(wire.regions),
    jurisdictions: textSet(wire.jurisdictions),
    encryption: {
      in_transit: wire.encryption?.in_transit ?? false,
      at_rest: wire.encryption?.at_rest ?? false,
      end_to_end: wire.encryption?.end_to_end ?? false,
    },
    retention_days: plainCount(wire.retention_days),
    trains_on_data: wire.trains_on_data,
    source: wire.source,
    retrieved: wire.retrieved,
  });
}

function permissionsOf(wire: WireContract['security']['permissions']): PermissionRequirement {
  return 'any_of' in wire ? { any_of: textSet(wire.any_of) } : { all: textSet(wire) };
}

function apiOf(wire: WireContract['api']): Api {
  const endpoints =
    wire.endpoints === undefined
      ? undefined
      : mapEntries(wire.endpoints, ({ method, path }) => ({ method, path }));
  return present<Api>({
    protocol: wire.protocol,
    url: wire.url,
    endpoints,
    model: wire.model,
    secret: wire.secret,
    result_key: wire.result_key,
  });
}
