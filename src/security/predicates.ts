import type { Caller } from '../contracts/caller.js';
import type { exclusionCodes } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Request } from '../contracts/request.js';
import {
  addBit,
  type Bitset,
  copyBitset,
  emptyBitset,
  positionsOf,
  subtract,
  subtractInto,
} from '../kernel/bitset.js';
import type { FacetIndex } from '../kernel/facet-index.js';
import type { Predicate } from '../kernel/predicate.js';

type SecurityCode = (typeof exclusionCodes)['security'][number];
type SecurityPredicate = Predicate<SecurityCode>;
type Index = FacetIndex<Contract>;

/**
 * The predicates of step 3 in order: authorized, private, trusted, in boundary (calculus 3.3).
 * INVARIANT(INV-CAIO-0004): what these leave satisfies all of them, authentication having held before.
 */
export function securityPredicates(
  request: Request,
  caller: Caller,
  parameters: Parameters,
  index: Index,
): readonly SecurityPredicate[] {
  return [
    ...permissionPredicates(caller, index),
    ...privacyPredicates(request, index),
    {
      code: 'trust_insufficient',
      ref: '',
      fails: (among) => trustedMoreThan(caller.trust_level, index, among),
    },
    { code: 'tenant_not_admitted', ref: '', fails: () => notAdmitting(caller.tenant, index) },
    ...zonePredicates(caller, parameters, index),
  ];
}

/** One predicate a permission that the caller lacks: the first missing one of a service is the first of its list. */
function permissionPredicates({ permissions }: Caller, index: Index): readonly SecurityPredicate[] {
  const held = new Set(permissions);
  const missing = index.keys('permission_all').filter((permission) => !held.has(permission));
  return [
    ...missing.map(
      (permission): SecurityPredicate => ({
        code: 'permission_missing',
        ref: permission,
        fails: () => index.members('permission_all', permission),
      }),
    ),
    {
      code: 'permission_missing',
      ref: 'any_of',
      fails: () => {
        const without = copyBitset(index.members('security', 'any_of'));
        for (const permission of held)
          subtractInto(without, without, index.members('permission_any', permission));
        return without;
      },
    },
  ];
}

function privacyPredicates({ data }: Request, index: Index): readonly SecurityPredicate[] {
  const predicates: SecurityPredicate[] = [];
  if (isSensitive(data)) {
    const unprotected = index.members('security', 'unprotected');
    predicates.push({ code: 'sensitive_unprotected', ref: '', fails: () => unprotected });
  }
  if (data.jurisdictions.length > 0) {
    const unknown = index.members('security', 'jurisdictions_unknown');
    predicates.push({ code: 'jurisdiction_unknown', ref: '', fails: () => unknown });
    for (const jurisdiction of index.keys('jurisdiction')) {
      if (data.jurisdictions.includes(jurisdiction)) continue;
      const fails = () => index.members('jurisdiction', jurisdiction);
      predicates.push({ code: 'jurisdiction_outside', ref: jurisdiction, fails });
    }
  }
  return predicates;
}

function isSensitive({ classification, contains }: Request['data']): boolean {
  return classification === 'confidential' || classification === 'restricted' || contains.length > 0;
}

function trustedMoreThan(level: number, index: Index, among: Bitset): Bitset {
  const required = index.column('trust_level');
  const bits = emptyBitset(among.size);
  for (const position of positionsOf(among)) {
    if (level < (required[position] as number)) addBit(bits, position);
  }
  return bits;
}

function notAdmitting(tenant: string, index: Index): Bitset {
  return subtract(index.members('security', 'tenants_listed'), index.members('tenant', tenant));
}

function zonePredicates(
  { tenant }: Caller,
  { zones }: Parameters,
  index: Index,
): readonly SecurityPredicate[] {
  const own = Object.hasOwn(zones, tenant) ? zones[tenant] : undefined;
  const allowed = own ?? (Object.hasOwn(zones, '*') ? zones['*'] : undefined) ?? [];
  return index
    .keys('zone')
    .filter((zone) => !allowed.includes(zone))
    .map((zone) => ({ code: 'zone_not_allowed', ref: zone, fails: () => index.members('zone', zone) }));
}
