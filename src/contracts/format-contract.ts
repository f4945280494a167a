import type { Contract, Cost } from './contract.js';
import { formatCapabilities, formatGuarantees } from './format-requirements.js';
import { decimal, type WireTree, wireText } from './wire-text.js';

/** A contract as people write it, in JSON: `parseContract(formatContract(c))` is c, number for number. */
export function formatContract(contract: Contract): string {
  const { permissions, trust_level, tenants } = contract.security;
  const { certifications, risk_ppm, ...alignmentSource } = contract.alignment;
  return wireText({
    id: contract.id,
    version: contract.version,
    description: contract.description,
    origin: contract.origin,
    zone: contract.zone,
    capabilities: formatCapabilities(contract.capabilities),
    actions: contract.actions,
    guarantees: formatGuarantees(contract.guarantees),
    constraints: { ...contract.constraints },
    cost: contract.cost === undefined ? undefined : formatCost(contract.cost),
    privacy: { ...contract.privacy },
    alignment: { certifications, risk: decimal(risk_ppm, 6), ...alignmentSource },
    security: {
      permissions: 'any_of' in permissions ? { any_of: permissions.any_of } : permissions.all,
      trust_level,
      tenants,
    },
    api: { ...contract.api },
    invariants: contract.invariants,
  });
}

function formatCost(cost: Cost): WireTree {
  return {
    unit: 'usd',
    per_request_usd: decimal(cost.per_request_micro_usd, 6),
    per_million_input_tokens_usd: decimal(cost.per_million_input_tokens_micro_usd, 6),
    per_million_output_tokens_usd: decimal(cost.per_million_output_tokens_micro_usd, 6),
    per_million_cached_tokens_usd: decimal(cost.per_million_cached_tokens_micro_usd, 6),
    source: cost.source,
    retrieved: cost.retrieved,
  };
}
