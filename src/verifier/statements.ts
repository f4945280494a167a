// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { ProofStatement } from './certificate-document.js';

/** The statements of section 5: property, statement, evidence. */
export const routedStatements: readonly ProofStatement[] = [
  {
    property: 'contract_matching',
    statement:
      'the selected service is available and its contract meets every required capability, guarantee and limit',
    evidence: ['/inputs/request/requirements', '/inputs/state', '/outcome/selected'],
  },
  {
    property: 'rule_satisfaction',
    statement: 'every rule that fires for this request is satisfied by every service of the chain',
    evidence: ['/inputs/state/policies', '/rules', '/outcome/chain'],
  },
  {
    property: 'authentication',
    statement:
      "the caller's credential names an accepted method, issuer and audience and was valid at the time of the decision",
    evidence: ['/inputs/caller', '/inputs/time'],
  },
  {
    property: 'authorization',
    statement: 'the caller holds the permissions that every service of the chain requires',
    evidence: ['/inputs/caller/permissions', '/outcome/chain'],
  },
  {
    property: 'privacy',
    statement:
      'sensitive data goes only where it stays local or is encrypted, and only to declared jurisdictions',
    evidence: ['/inputs/request/data', '/outcome/promise'],
  },
  {
    property: 'trust',
    statement: "the caller's trust level is at least the level that every service of the chain requires",
    evidence: ['/inputs/caller/trust_level', '/outcome/chain'],
  },
  {
    property: 'boundary',
    statement: "the caller's tenant is admitted and the zones are allowed for it",
    evidence: ['/inputs/caller/tenant', '/outcome/chain'],
  },
  {
    property: 'trait_constraints',
    statement: 'every component of every constraint function is at most zero',
    evidence: ['/outcome/constraints'],
  },
  {
    property: 'optimality',
    statement: 'no service of the constrained set ranks above the selected one',
    evidence: ['/ranking', '/inputs/seed'],
  },
  {
    property: 'guarantee_preservation',
    statement:
      'the promise is implied by the contracts of the chain and keeps every required guarantee and limit',
    evidence: ['/outcome/promise', '/outcome/chain'],
  },
];

export const refusedStatements: readonly ProofStatement[] = [
  {
    property: 'exhaustion',
    statement: 'every registered service fails at least one predicate',
    evidence: ['/funnel', '/outcome/nearest'],
  },
];
