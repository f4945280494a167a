import type { Contract } from '../contracts/contract.js';
import type { Policy } from '../contracts/policy.js';
import type { AvailabilityRow, HistoryRow, State } from '../contracts/state.js';
import type { Digest } from '../kernel/digest.js';
import { digestOf } from '../kernel/digest.js';
import { Defect } from '../kernel/errors.js';
import { compareCodePoints, setRoot } from '../kernel/merkle.js';
import type { HistoryEpoch, LogEntry, OutcomeEntry } from './entry.js';
import { isStateEntry } from './entry.js';
import type { KeyState } from './key-record.js';

/** Everything the log says when it is read from its first entry on. Immutable; each `fold` shares what it leaves unchanged. */
export interface Folded {
  readonly origin: string;
  readonly state: State;
  readonly keys: ReadonlyMap<string, KeyState>;
  /** `contract id@version` → digest of every contract ever put: a version means one content for ever. */
  readonly contractVersions: ReadonlyMap<string, Digest>;
  readonly policyVersions: ReadonlyMap<string, Digest>;
  /** Trials since the end of the last epoch, the latest first; the next epoch counts those before its end. */
  readonly trials: Trial | undefined;
  /** Number of entries folded. */
  readonly size: number;
}

/** One trial and, as a list that shares its tail, those before it. */
export interface Trial {
  readonly index: number;
  readonly service: string;
  readonly success: boolean;
  readonly earlier: Trial | undefined;
}

/**
 * The fold of `entry`, which stands at index `before.size`, into `before` (`undefined`: the log is empty so far). Pure. An entry
 * that cannot stand there is a Defect: checks come before the append.
 */
export function fold(before: Folded | undefined, entry: LogEntry): Folded {
  if (before === undefined) return begin(entry);
  const size = before.size + 1;
  if (entry.kind === 'outcome') return { ...before, trials: withTrial(before, entry), size };
  if (!isStateEntry(entry)) return { ...before, size };
  const state: State = { ...before.state, as_of: size };
  const after: Folded = { ...before, state, size };
  switch (entry.kind) {
    case 'genesis':
      throw new Defect('invariant_broken', 'a second genesis entry');
    case 'contract.put':
      return putContract(after, entry.contract);
    case 'contract.remove':
      return removeContract(after, entry.service);
    case 'policy.put':
      return putPolicy(after, entry.policy);
    case 'policy.remove':
      return { ...after, state: { ...state, policies: without(state.policies, entry.policy, idOf) } };
    case 'parameters.put':
      return { ...after, state: { ...state, parameters: entry.parameters } };
    case 'key.put':
      return { ...after, keys: new Map(after.keys).set(entry.key.id, { record: entry.key }) };
    case 'key.revoke':
      return revokeKey(after, entry.key, entry.time);
    case 'availability.put':
      return { ...after, state: { ...state, availability: availabilityAfter(state, entry) } };
    case 'history.epoch':
      return closeEpoch(after, entry);
    default:
      return unknownKind(entry);
  }
}

/** The rows of the epoch [from, to) over the trials since the last one: one per service that was tried, by id. */
export function epochRows(trials: Trial | undefined, to: number): readonly HistoryRow[] {
  const counts = new Map<string, { trials: number; successes: number }>();
  for (let trial = trials; trial !== undefined; trial = trial.earlier) {
    if (trial.index >= to) continue;
    const count = counts.get(trial.service) ?? { trials: 0, successes: 0 };
    count.trials += 1;
    if (trial.success) count.successes += 1;
    counts.set(trial.service, count);
  }
  return [...counts]
    .map(([service, count]) => ({ service, ...count }))
    .sort((a, b) => compareCodePoints(a.service, b.service));
}

export function epochDigest(rows: readonly HistoryRow[]): Digest {
  return setRoot(rows.map((row) => ({ id: row.service, digest: digestOf('caio/history-row/v1', row) })));
}

export const versionKey = (document: { readonly id: string; readonly version: string }): string =>
  `${document.id}@${document.version}`;

function begin(entry: LogEntry): Folded {
  if (entry.kind !== 'genesis') throw new Defect('invariant_broken', `a log that begins with ${entry.kind}`);
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
    keys: new Map(),
    contractVersions: new Map(),
    policyVersions: new Map(),
    trials: undefined,
    size: 1,
  };
}

function putContract(after: Folded, contract: Contract): Folded {
  const digest = digestOf('caio/contract/v1', contract);
  return {
    ...after,
    state: { ...after.state, contracts: withItem(after.state.contracts, contract, idOf) },
    contractVersions: new Map(after.contractVersions).set(versionKey(contract), digest),
  };
}

/** A service that comes back later starts available: its availability row goes with the contract. Its history stays. */
function removeContract(after: Folded, service: string): Folded {
  const { contracts, availability } = after.state;
  return {
    ...after,
    state: {
      ...after.state,
      contracts: without(contracts, service, idOf),
      availability: without(availability, service, serviceOf),
    },
  };
}

function putPolicy(after: Folded, policy: Policy): Folded {
  const digest = digestOf('caio/policy/v1', policy);
  return {
    ...after,
    state: { ...after.state, policies: withItem(after.state.policies, policy, idOf) },
    policyVersions: new Map(after.policyVersions).set(versionKey(policy), digest),
  };
}

function revokeKey(after: Folded, id: string, time: number): Folded {
  const known = after.keys.get(id);
  if (known === undefined) throw new Defect('invariant_broken', 'a key was revoked that was never put');
  return { ...after, keys: new Map(after.keys).set(id, { record: known.record, revoked_at: time }) };
}

function availabilityAfter(
  state: State,
  entry: {
    readonly service: string;
    readonly state: 'available' | AvailabilityRow['state'];
    readonly reason: string;
  },
): readonly AvailabilityRow[] {
  if (entry.state === 'available') return without(state.availability, entry.service, serviceOf);
  const row: AvailabilityRow = { service: entry.service, state: entry.state, reason: entry.reason };
  return withItem(state.availability, row, serviceOf);
}

function closeEpoch(after: Folded, entry: HistoryEpoch): Folded {
  const { history } = after.state;
  if (entry.from !== history.to || entry.to < entry.from || entry.to >= after.size) {
    throw new Defect('invariant_broken', `an epoch over [${entry.from}, ${entry.to}) after ${history.to}`);
  }
  const rows = epochRows(after.trials, entry.to);
  if (epochDigest(rows) !== entry.digest) {
    throw new Defect('invariant_broken', 'an epoch whose digest is not that of its rows');
  }
  return {
    ...after,
    state: { ...after.state, history: { from: entry.from, to: entry.to, rows } },
    trials: trialsFrom(after.trials, entry.to),
  };
}

/** The trials at or after an index. Epochs end near the present, so few are copied. */
function trialsFrom(trials: Trial | undefined, from: number): Trial | undefined {
  const kept: Trial[] = [];
  for (let trial = trials; trial !== undefined && trial.index >= from; trial = trial.earlier)
    kept.push(trial);
  return kept.reduceRight<Trial | undefined>((earlier, trial) => ({ ...trial, earlier }), undefined);
}

/** Calls that the caller aborted or that were never sent, and answers that refused the payload, say nothing about the service. */
function withTrial(before: Folded, entry: OutcomeEntry): Trial | undefined {
  const { result } = entry.measured;
  if (result !== 'answered' && result !== 'failed') return before.trials;
  const success = result === 'answered';
  return { index: before.size, service: entry.service.service, success, earlier: before.trials };
}

const idOf = (item: { readonly id: string }): string => item.id;
const serviceOf = (item: { readonly service: string }): string => item.service;

function withItem<T>(items: readonly T[], item: T, keyOf: (item: T) => string): readonly T[] {
  const key = keyOf(item);
  const index = items.findIndex((other) => compareCodePoints(keyOf(other), key) >= 0);
  const at = index === -1 ? items.length : index;
  const found = items[at];
  return items.toSpliced(at, found !== undefined && keyOf(found) === key ? 1 : 0, item);
}

function without<T>(items: readonly T[], key: string, keyOf: (item: T) => string): readonly T[] {
  return items.filter((item) => keyOf(item) !== key);
}

function unknownKind(entry: never): never {
  throw new Defect('invariant_broken', `an entry of unknown kind ${(entry as LogEntry).kind}`);
}
