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
import type { CompiledRule } from '../rules/policy.js';
import { compilePolicies, type LoadedPolicies } from './load-policies.js';
import { registryOf } from './load-registry.js';
import { rowSet } from './row-set.js';
import { RuleVerdicts } from './rule-verdicts.js';

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
  /** Of the rules whose `require` reads only the service. */
  readonly verdicts: ReadonlyMap<CompiledRule, RuleVerdicts>;
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
  return ok({
    state,
    registry: contracts,
    unavailable: unavailableOf(state, contracts),
    reliability: reliabilityOf(state, contracts),
    policies: loaded.value,
    sets: { policies: policies.value, history: history.value, availability: availability.value },
    parametersDigest:
      previous?.state.parameters === state.parameters
        ? previous.parametersDigest
        : parametersDigest(state.parameters),
    verdicts: verdictsOf(loaded.value, contracts, previous),
  });
}

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

function verdictsOf(
  policies: LoadedPolicies,
  { contracts }: Registry,
  previous: Snapshot | undefined,
): ReadonlyMap<CompiledRule, RuleVerdicts> {
  const changed = changedPositions(contracts, previous?.registry.contracts);
  const verdicts = new Map<CompiledRule, RuleVerdicts>();
  for (const rule of policies.rules) {
    if (!rule.readsService || !rule.readsOnlyService) continue;
    const earlier = changed === undefined ? undefined : previous?.verdicts.get(rule);
    if (earlier === undefined || changed === undefined)
      verdicts.set(rule, new RuleVerdicts(contracts.length));
    else verdicts.set(rule, changed.length === 0 ? earlier : earlier.without(changed));
  }
  return verdicts;
}

/** Where other contracts stand than before; `undefined` when the positions are not comparable (added or removed services). */
function changedPositions(
  contracts: readonly Contract[],
  before: readonly Contract[] | undefined,
): readonly number[] | undefined {
  if (before === undefined || before.length !== contracts.length) return undefined;
  const changed: number[] = [];
  for (let i = 0; i < contracts.length; i += 1) if (contracts[i] !== before[i]) changed.push(i);
  return changed.length > contracts.length / 8 ? undefined : changed;
}
