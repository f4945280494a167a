import type { Contract } from '../contracts/contract.js';
import type { Problem } from '../kernel/problem.js';
import type { Result } from '../kernel/result.js';
import { optimizationSource } from '../optimization/optimization-source.js';
import { matchingSource } from '../registry/matching-source.js';
import { buildRegistry, type ContractSource, type Registry, updateRegistry } from '../registry/registry.js';
import { securitySource } from '../security/security-source.js';

/** What the steps that read contracts ask the index for, together. */
const contractSource: ContractSource = {
  families: { ...matchingSource.families, ...securitySource.families, ...optimizationSource.families },
  columns: { ...matchingSource.columns, ...securitySource.columns, ...optimizationSource.columns },
};

/** The registry of `contracts`, made from `previous` by its changes where there is one. */
export function registryOf(
  contracts: readonly Contract[],
  previous?: Registry,
): Result<Registry, readonly Problem[]> {
  return previous === undefined
    ? buildRegistry(contracts, contractSource)
    : updateRegistry(previous, contracts, contractSource);
}
