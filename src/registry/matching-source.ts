import type { Contract } from '../contracts/contract.js';
import { effectivePromise, guaranteeNames } from '../contracts/effective-promise.js';
import { classifications } from '../contracts/request.js';
import type { FacetSource } from '../kernel/facet-index.js';

/** What step 1 reads of a contract, by the names that `matchingPredicates` asks for. */
export const matchingSource: FacetSource<Contract> = {
  families: {
    capability_type: (contract) => contract.capabilities.map(({ type }) => type),
    refuses: (contract) => contract.constraints.refuses ?? [],
  },
  columns: {
    ...Object.fromEntries(
      guaranteeNames.map((property) => [
        property,
        (contract: Contract) => effectivePromise(contract, property) ?? Number.NaN,
      ]),
    ),
    max_input_tokens: (contract) => contract.constraints.max_input_tokens ?? Number.NaN,
    max_output_tokens: (contract) => contract.constraints.max_output_tokens ?? Number.NaN,
    max_total_tokens: (contract) => contract.constraints.max_total_tokens ?? Number.NaN,
    max_classification: ({ constraints }) =>
      constraints.max_classification === undefined
        ? Number.NaN
        : classifications.indexOf(constraints.max_classification),
  },
};
