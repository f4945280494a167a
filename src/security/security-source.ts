import type { Contract } from '../contracts/contract.js';
import type { FacetSource } from '../kernel/facet-index.js';

/** What step 3 reads of a contract, by the names that `securityPredicates` asks for. */
export const securitySource: FacetSource<Contract> = {
  families: {
    permission_all: ({ security: { permissions } }) => ('all' in permissions ? permissions.all : []),
    permission_any: ({ security: { permissions } }) => ('any_of' in permissions ? permissions.any_of : []),
    jurisdiction: ({ privacy }) => privacy.jurisdictions,
    tenant: ({ security }) => security.tenants ?? [],
    zone: ({ zone }) => [zone],
    security: (contract) => conditionsOf(contract),
  },
  columns: {
    trust_level: ({ security }) => security.trust_level,
  },
};

/** Yes-or-no facts, one key each. */
function conditionsOf({ privacy, security }: Contract): readonly string[] {
  const { locality, encryption, jurisdictions } = privacy;
  const conditions: string[] = [];
  const stays = locality === 'on_device' || locality === 'local';
  if (!stays && !(encryption.in_transit && encryption.at_rest)) conditions.push('unprotected');
  if (jurisdictions.length === 0) conditions.push('jurisdictions_unknown');
  if (security.tenants !== undefined) conditions.push('tenants_listed');
  if ('any_of' in security.permissions && security.permissions.any_of.length > 0) conditions.push('any_of');
  return conditions;
}
