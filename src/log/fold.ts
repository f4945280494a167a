import type { Contract } from '../contracts/contract.js';
import { contractDigest, policyDigest } from '../contracts/digests.js';
import type { Policy } from '../contracts/policy.js';
import type { AvailabilityRow, State } from '../contracts/state.js';
import { canonicalText } from '../kernel/canonical.js';
import type { Digest } from '../kernel/digest.js';
import { Defect } from '../kernel/errors.js';
import { itemOf, withItem, withoutItem } from '../kernel/sorted-list.js';
import { SortedMap } from '../kernel/sorted-map.js';
import {
  afterAvailability,
  afterContractPut,
  afterContractRemove,
  afterOutcome,
  type Breakers,
  isBreaker,
  mayHoldOut,
  mayRelease,
  noBreakers,
} from './breaker.js';
import type { AvailabilityPut, Breach, HistoryEpoch, LogEntry } from './entry.js';
import { isStateEntry } from './entry.js';
import { isDue, type OpenEpoch, openEpoch, tableOf, withOutcome } from './epoch.js';
import type { KeyRecord, KeyState } from './key-record.js';

/** Everything the log says when it is read from its first entry on. Immutable; each `fold` shares what it leaves unchanged. */
export interface Folded {
  readonly origin: string;
  readonly state: State;
  readonly keys: SortedMap<KeyState>;
  /** `contract id@version` → digest of every contract ever put: a version means one content for ever. */
  readonly contractVersions: SortedMap<Digest>;
  readonly policyVersions: SortedMap<Digest>;
  /** The epoch after the one in `state.history`: what the next one will say. */
  readonly epoch: OpenEpoch;
  /** The promises that the epoch in `state.history` refutes. */
  readonly breaches: readonly Breach[];
  readonly breakers: Breakers;
  /** Number of entries folded. */
  readonly size: number;
}

/**
 * The fold of `entry`, which stands at index `before.size`, into `before` (`undefined`: the log is empty so far). Pure. An entry
 * that cannot stand there (log calculus sections 2, 4 and 5) is a Defect: checks come before the append.
 * Cost: O(log n) in services, versions and keys for outcomes, keys and versions; a copy of the list for documents and availability;
 * for the close of an epoch that of its table.
 */
export function fold(before: Folded | undefined, entry: LogEntry): Folded {
  if (before === undefined) return begin(entry);
  const size = before.size + 1;
  if (entry.kind === 'outcome') {
    const breakers = afterOutcome(before.breakers, entry);
    return { ...before, epoch: withOutcome(before.epoch, entry), breakers, size };
  }
  if (!isStateEntry(entry)) return counted(before);
  const state: State = { ...before.state, as_of: size };
  const after: Folded = { ...before, state, size };
  switch (entry.kind) {
    case 'genesis':
      throw cannotStand('a second genesis entry');
    case 'contract.put':
      return putContract(after, entry.contract);
    case 'contract.remove':
      return removeContract(after, entry.service);
    case 'policy.put':
      return putPolicy(after, entry.policy);
    case 'policy.remove':
      return { ...after, state: { ...state, policies: removed(state.policies, entry.policy, idOf) } };
    case 'parameters.put':
      return { ...after, state: { ...state, parameters: entry.parameters } };
    case 'key.put':
      return putKey(after, entry.key);
    case 'key.revoke':
      return revokeKey(after, entry.key, entry.time);
    case 'availability.put':
      return putAvailability(after, entry);
    case 'history.epoch':
      return closeEpoch(after, entry);
    default:
      return unknownKind(entry);
  }
}

export const versionKey = (document: { readonly id: string; readonly version: string }): string =>
  `${document.id}@${document.version}`;

/** Whether the fold reads the entry; one that it does not read is counted, and changes nothing else. */
export const isRead = (entry: LogEntry): boolean => entry.kind === 'outcome' || isStateEntry(entry);

/** After an entry that the fold does not read. */
export function counted(before: Folded): Folded {
  return { ...before, size: before.size + 1 };
}

function begin(entry: LogEntry): Folded {
  if (entry.kind !== 'genesis') throw cannotStand(`a log that begins with ${entry.kind}`);
  return {
    origin: entry.origin,
    state: {
      contracts: [],
      policies: [],
      parameters: entry.parameters,
      history: { from: 0, to: 0, rows: [] },
      availability: [],
      as_of: 1,
    },
    keys: SortedMap.empty(),
    contractVersions: SortedMap.empty(),
    policyVersions: SortedMap.empty(),
    epoch: openEpoch(1, 0, entry.time),
    breaches: [],
    breakers: noBreakers,
    size: 1,
  };
}

function putContract(after: Folded, contract: Contract): Folded {
  const { state, breakers, contractVersions } = after;
  return {
    ...after,
    state: { ...state, contracts: withItem(state.contracts, contract, idOf) },
    contractVersions: withVersion(contractVersions, contract, contractDigest(contract)),
    breakers: afterContractPut(breakers, contract.id),
  };
}

/** A service that comes back later starts available: its availability row goes with the contract. Its history stays. */
function removeContract(after: Folded, service: string): Folded {
  const { state, breakers } = after;
  const contracts = removed(state.contracts, service, idOf);
  const availability = state.availability.filter((row) => row.service !== service);
  return {
    ...after,
    state: { ...state, contracts, availability },
    breakers: afterContractRemove(breakers, service),
  };
}

function putPolicy(after: Folded, policy: Policy): Folded {
  const { state, policyVersions } = after;
  return {
    ...after,
    state: { ...state, policies: withItem(state.policies, policy, idOf) },
    policyVersions: withVersion(policyVersions, policy, policyDigest(policy)),
  };
}

function withVersion(
  versions: SortedMap<Digest>,
  document: Contract | Policy,
  digest: Digest,
): SortedMap<Digest> {
  const key = versionKey(document);
  const known = versions.get(key);
  if (known === digest) return versions;
  if (known !== undefined) throw cannotStand(`${key} with other content`);
  return versions.with(key, digest);
}

function putKey(after: Folded, record: KeyRecord): Folded {
  if (after.keys.has(record.id)) throw cannotStand('a key that was put before');
  return { ...after, keys: after.keys.with(record.id, { record }) };
}

function revokeKey(after: Folded, id: string, time: number): Folded {
  const known = after.keys.get(id);
  if (known === undefined) throw cannotStand('a key was revoked that was never put');
  if (known.revoked_at !== undefined) throw cannotStand('a key was revoked twice');
  return { ...after, keys: after.keys.with(id, { record: known.record, revoked_at: time }) };
}

function putAvailability(after: Folded, entry: AvailabilityPut): Folded {
  const { state, breakers } = after;
  if (isBreaker(entry.author)) checkBreaker(after, entry);
  return {
    ...after,
    state: { ...state, availability: availabilityAfter(state, entry) },
    breakers: afterAvailability(breakers, entry, state.parameters),
  };
}

function checkBreaker({ state, breakers }: Folded, { service, state: to, time }: AvailabilityPut): void {
  const may =
    to === 'held_out'
      ? mayHoldOut(breakers, service, state)
      : to === 'available' && mayRelease(breakers, service, state.parameters, time);
  if (!may) throw cannotStand(`the breaker put a service ${to} that it may not`);
}

function availabilityAfter(state: State, entry: AvailabilityPut): readonly AvailabilityRow[] {
  const { service, state: to, reason } = entry;
  if (to === 'available') return removed(state.availability, service, serviceOf);
  if (itemOf(state.contracts, service, idOf) === undefined)
    throw cannotStand('availability of what is not registered');
  return withItem(state.availability, { service, state: to, reason }, serviceOf);
}

function closeEpoch(after: Folded, entry: HistoryEpoch): Folded {
  const { epoch, state } = after;
  const { epoch: number, from, to, time, digest, breaches } = entry;
  if (number !== epoch.epoch || from !== epoch.from || to !== after.size - 1) {
    throw cannotStand(`epoch ${number} over [${from}, ${to}), where ${epoch.epoch} began at ${epoch.from}`);
  }
  if (!isDue(epoch, state.parameters, time)) throw cannotStand('an epoch that is not due');
  const table = tableOf(epoch);
  if (table.digest !== digest) throw cannotStand('an epoch whose digest is not that of its rows');
  if (canonicalText(table.breaches) !== canonicalText(breaches)) {
    throw cannotStand('an epoch whose breaches are not those of its rows');
  }
  return {
    ...after,
    state: { ...state, history: { from, to, rows: table.rows } },
    epoch: openEpoch(number + 1, to, time),
    breaches: table.breaches,
  };
}

const idOf = (item: { readonly id: string }): string => item.id;
const serviceOf = (item: { readonly service: string }): string => item.service;

function removed<T>(items: readonly T[], key: string, keyOf: (item: T) => string): readonly T[] {
  const others = withoutItem(items, key, keyOf);
  if (others === items) throw cannotStand('the removal of what is not there');
  return others;
}

const cannotStand = (what: string): Defect => new Defect('invariant_broken', what);

function unknownKind(entry: never): never {
  throw cannotStand(`an entry of unknown kind ${(entry as LogEntry).kind}`);
}
