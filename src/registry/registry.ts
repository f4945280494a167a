import type { Contract } from '../contracts/contract.js';
import { contractDigest } from '../contracts/digests.js';
import type { Digest } from '../kernel/digest.js';
import { FacetIndex, type FacetSource } from '../kernel/facet-index.js';
import {
  buildSet,
  compareCodePoints,
  itemInSet,
  type MerkleSet,
  putInSet,
  removeFromSet,
} from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { type KnownVersions, knownVersions, noVersions } from './known-versions.js';

/**
 * The contracts of one state, immutable and content-addressed: `set.root` names exactly these contracts. `contracts`, the items of `set` and
 * the positions of `index` have one order, that of ids by code point.
 *
 * Every change makes a new registry that shares what did not change; whoever holds an older one goes on with it.
 */
export interface Registry {
  readonly contracts: readonly Contract[];
  readonly set: MerkleSet;
  readonly index: FacetIndex<Contract>;
  /** `id@version` → digest, of all contracts there ever were in this line of registries: a version never changes its content. */
  readonly known: KnownVersions;
}

/** What is indexed: the facets of every step that reads contracts. */
export type ContractSource = FacetSource<Contract>;

/** More changes at once than this are cheaper made by building the index anew. */
const mostSingleChanges = 32;

/**
 * A registry of contracts in any order. Problems: two contracts of one id (`duplicate_id`). O(n log n), and n digests:
 * 10,000 contracts take a few hundred milliseconds.
 */
export function buildRegistry(
  contracts: readonly Contract[],
  source: ContractSource,
): Result<Registry, readonly Problem[]> {
  return rebuild(contracts, source, noVersions, contractDigest);
}

/**
 * The registry of `contracts` (in any order), made from `previous` by putting and removing. A contract that is the same object as before is not looked
 * at. Problems: `duplicate_id`, and `conflict` where a known version comes with other content.
 */
export function updateRegistry(
  previous: Registry,
  contracts: readonly Contract[],
  source: ContractSource,
): Result<Registry, readonly Problem[]> {
  const replaced = replacedOnly(previous.contracts, contracts);
  if (replaced !== undefined) return putAll(previous, replaced);
  const before = new Set(previous.contracts);
  const ids = new Set(contracts.map(({ id }) => id));
  const put = contracts.filter((contract) => !before.has(contract));
  const removed = previous.contracts.filter(({ id }) => !ids.has(id));
  if (put.length + removed.length > mostSingleChanges || ids.size < contracts.length) {
    return rebuild(contracts, source, previous.known, (contract) =>
      before.has(contract)
        ? (itemInSet(previous.set, contract.id)?.digest ?? contractDigest(contract))
        : contractDigest(contract),
    );
  }
  return putAll(
    removed.reduce((smaller, { id }) => removeContract(smaller, id), previous),
    put,
  );
}

/** The contracts that stand in the place of another of the same id, where nothing else is different and they are few. */
function replacedOnly(
  before: readonly Contract[],
  contracts: readonly Contract[],
): readonly Contract[] | undefined {
  if (before.length !== contracts.length) return undefined;
  const replaced: Contract[] = [];
  for (let i = 0; i < contracts.length; i += 1) {
    const contract = contracts[i];
    if (contract === undefined || contract === before[i]) continue;
    if (contract.id !== before[i]?.id || replaced.length === mostSingleChanges) return undefined;
    replaced.push(contract);
  }
  return replaced;
}

function putAll(start: Registry, put: readonly Contract[]): Result<Registry, readonly Problem[]> {
  let registry = start;
  const problems: Problem[] = [];
  for (const contract of put) {
    const next = putContract(registry, contract);
    if (next.ok) registry = next.value;
    else problems.push(next.error);
  }
  return problems.length > 0 ? err(problems) : ok(registry);
}

function rebuild(
  contracts: readonly Contract[],
  source: ContractSource,
  knownBefore: KnownVersions,
  digestOf: (contract: Contract) => Digest,
): Result<Registry, readonly Problem[]> {
  const sorted = [...contracts].sort((a, b) => compareCodePoints(a.id, b.id));
  const problems: Problem[] = [];
  const known = new Map(knownBefore.entries());
  const items = sorted.map((contract, position) => {
    if (sorted[position - 1]?.id === contract.id) problems.push(duplicate(contract));
    const digest = digestOf(contract);
    const key = versionKey(contract);
    if ((known.get(key) ?? digest) !== digest) problems.push(conflict(contract));
    known.set(key, digest);
    return { id: contract.id, digest };
  });
  if (problems.length > 0) return err(problems);
  return ok({
    contracts: sorted,
    set: buildSet(items),
    index: FacetIndex.build(sorted, source),
    known: knownVersions(known),
  });
}

/**
 * With `contract` in it, new or in the place of the one of its id. Problem `conflict`: this version of this id is known with other content.
 * Replacing costs O(log n) hashes and the copies of what changes; inserting, the hashes right of it.
 */
export function putContract(registry: Registry, contract: Contract): Result<Registry, Problem> {
  const digest = contractDigest(contract);
  const key = versionKey(contract);
  const known = registry.known.get(key);
  if (known !== undefined && known !== digest) return err(conflict(contract));
  const position = positionOf(registry, contract.id);
  const before = registry.contracts[position];
  const replaces = before?.id === contract.id;
  if (replaces && itemInSet(registry.set, contract.id)?.digest === digest) return ok(registry);
  return ok({
    contracts: registry.contracts.toSpliced(position, replaces ? 1 : 0, contract),
    set: putInSet(registry.set, { id: contract.id, digest }),
    index: replaces
      ? registry.index.replaceAt(position, before, contract)
      : registry.index.insertAt(position, contract),
    known: known === undefined ? registry.known.with(key, digest) : registry.known,
  });
}

/** Without the contract of that id; the same registry where there is none. Its versions stay known. */
export function removeContract(registry: Registry, id: string): Registry {
  const position = positionOf(registry, id);
  if (registry.contracts[position]?.id !== id) return registry;
  return {
    contracts: registry.contracts.toSpliced(position, 1),
    set: removeFromSet(registry.set, id),
    index: registry.index.removeAt(position),
    known: registry.known,
  };
}

/** The position of the contract of that id, or where it would be. O(log n). */
export function positionOf({ contracts }: Pick<Registry, 'contracts'>, id: string): number {
  let low = 0;
  let high = contracts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareCodePoints((contracts[middle] as Contract).id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function versionKey({ id, version }: Contract): string {
  return `${id}@${version}`;
}

function duplicate({ id }: Contract): Problem {
  return { code: 'duplicate_id', path: `/contracts/${id}`, message: `two contracts have the id ${id}` };
}

function conflict({ id, version }: Contract): Problem {
  return {
    code: 'conflict',
    path: `/contracts/${id}/version`,
    message: `version ${version} of ${id} is known with other content`,
    hint: 'give changed content a new version',
  };
}
