import type { Contract } from '../contracts/contract.js';
import { scoringLatency } from '../contracts/effective-promise.js';
import type { FacetSource } from '../kernel/facet-index.js';

/** What steps 4 and 5 read of a contract, by the names that `constraintPredicates` and `rankingOf` ask for. */
export const optimizationSource: FacetSource<Contract> = {
  families: {
    action: ({ actions }) => actions,
    certification: ({ alignment }) => alignment.certifications,
    constraint: (contract) => conditionsOf(contract),
  },
  columns: {
    scoring_latency: (contract) => scoringLatency(contract) ?? Number.NaN,
    risk: ({ alignment }) => alignment.risk_ppm,
  },
};

/** Yes-or-no facts, one key each. */
function conditionsOf({ privacy: { locality }, guarantees, origin }: Contract): readonly string[] {
  const conditions: string[] = [];
  if (locality === 'on_device') conditions.push('on_device');
  if (locality === 'on_device' || locality === 'local') conditions.push('near');
  if (origin === 'internal' || guarantees.determinism?.equals === 1) conditions.push('conservative');
  return conditions;
}
