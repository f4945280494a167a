import type { Contract } from '../contracts/contract.js';
import {
  availabilityRowDigest,
  historyRowDigest,
  parametersDigest,
  policyDigest,
} from '../contracts/digests.js';
import type { ContextField, Policy } from '../contracts/policy.js';
import type { State } from '../contracts/state.js';
import { bitsetOf } from '../kernel/bitset.js';
import type { Digest } from '../kernel/digest.js';
import type { MerkleSet } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { reliabilityTerm } from '../optimization/terms.js';
import type { Unavailable } from '../registry/matching.js';
import { positionOf, type Registry } from '../registry/registry.js';
import { compilePolicies, type LoadedPolicies } from './load-policies.js';
import { registryOf } from './load-registry.js';
import { rowSet } from './row-set.js';
import { VerdictStore } from './verdict-store.js';

/**
 * A state ready to decide on: everything that does not depend on the request, computed once. Immutable; a decision in flight keeps the
 * snapshot it began with. What it remembers beside its contents (`verdicts`) are answers derivable from them.
 */
export interface Snapshot {
  readonly state: State;
  readonly registry: Registry;
  readonly unavailable: Unavailable;
  /** Term 5 by position. */
  readonly reliability: Float64Array;
  readonly policies: LoadedPolicies;
  readonly sets: {
    readonly policies: MerkleSet;
    readonly history: MerkleSet;
    readonly availability: MerkleSet;
  };
  readonly parametersDigest: Digest;
  readonly verdicts: VerdictStore;
}

/**
 * The snapshot of `state`, sharing with `previous` whatever did not change: a contract, policy or row that is the same object as before is not
 * looked at again, so documents must not be changed in place. Problems: a rule that does not load, policies that contradict each other,
 * one id twice, a known version with other content. From nothing O(documents); replacing one of 10,000 contracts takes a few milliseconds.
 */
export function buildSnapshot(state: State, previous?: Snapshot): Result<Snapshot, readonly Problem[]> {
  const registry = registryOf(state.contracts, previous?.registry);
  const loaded = compilePolicies(state.policies, previous?.policies);
  const policies = rowSet('policies', state.policies, (policy: Policy) => policy.id, policyDigest, {
    rows: previous?.state.policies,
    set: previous?.sets.policies,
  });
  const history = rowSet('history', state.history.rows, (row) => row.service, historyRowDigest, {
    rows: previous?.state.history.rows,
    set: previous?.sets.history,
  });
  const availability = rowSet(
    'availability',
    state.availability,
    (row) => row.service,
    availabilityRowDigest,
    {
      rows: previous?.state.availability,
      set: previous?.sets.availability,
    },
  );
  if (!registry.ok || !loaded.ok || !policies.ok || !history.ok || !availability.ok) {
    return err(
      [registry, loaded, policies, history, availability].flatMap((part) => (part.ok ? [] : part.error)),
    );
  }
  const { value: contracts } = registry;
  const replaced = replacedPositions(contracts.contracts, previous?.registry.contracts);
  const comparable = replaced === undefined ? undefined : previous;
  return ok({
    state,
    registry: contracts,
    unavailable:
      comparable?.state.availability === state.availability
        ? comparable.unavailable
        : unavailableOf(state, contracts),
    reliability:
      comparable?.state.history === state.history ? comparable.reliability : reliabilityOf(state, contracts),
    policies: loaded.value,
    sets: { policies: policies.value, history: history.value, availability: availability.value },
    parametersDigest:
      previous?.state.parameters === state.parameters
        ? previous.parametersDigest
        : parametersDigest(state.parameters),
    verdicts:
      replaced === undefined || previous === undefined
        ? new VerdictStore(contracts.contracts.length)
        : previous.verdicts.after(replaced, loaded.value.rules),
  });
}

const mostReplaced = 64;

/** The context fields that policies declare: what `sealRequest` goes by. */
export function contextFields(snapshot: Snapshot): ReadonlyMap<string, ContextField> {
  return snapshot.policies.contextFields;
}

function unavailableOf({ availability }: State, registry: Registry): Unavailable {
  const size = registry.contracts.length;
  const positions = (wanted: 'disabled' | 'held_out') =>
    availability.flatMap(({ service, state }) => {
      const position = positionOf(registry, service);
      return state === wanted && registry.contracts[position]?.id === service ? [position] : [];
    });
  return { disabled: bitsetOf(size, positions('disabled')), held_out: bitsetOf(size, positions('held_out')) };
}

function reliabilityOf({ history }: State, registry: Registry): Float64Array {
  const reliability = new Float64Array(registry.contracts.length).fill(reliabilityTerm(undefined));
  for (const row of history.rows) {
    const position = positionOf(registry, row.service);
    if (registry.contracts[position]?.id === row.service) reliability[position] = reliabilityTerm(row);
  }
  return reliability;
}

/**
 * Where other contracts stand than before, each under the id of the one before; `undefined` when positions mean other services now, or when so
 * many changed that it is not worth knowing.
 */
function replacedPositions(
  contracts: readonly Contract[],
  before: readonly Contract[] | undefined,
): readonly number[] | undefined {
  if (before === undefined || before.length !== contracts.length) return undefined;
  const replaced: number[] = [];
  for (let i = 0; i < contracts.length; i += 1) {
    if (contracts[i] === before[i]) continue;
    if (contracts[i]?.id !== before[i]?.id || replaced.length === mostReplaced) return undefined;
    replaced.push(i);
  }
  return replaced;
}
