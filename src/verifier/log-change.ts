// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { documentDigest } from './decision-inputs.js';
import type { Contract, Policy } from './documents.js';
import type { Author, AvailabilityPut, Change } from './log-entry.js';
import type { Claim } from './log-fault.js';
import type { LogMemory } from './log-memory.js';
import { stateAfter } from './log-state.js';

export const isSetup = ({ method, key_id }: Author): boolean => method === 'local' && key_id === 'setup';
export const isBreaker = ({ method, key_id }: Author): boolean => method === 'local' && key_id === 'breaker';

export function takeChange(memory: LogMemory, entry: Change, index: number): Claim[] {
  const claims = [...authorClaims(memory, entry), ...changeClaims(memory, entry)];
  remember(memory, entry);
  memory.state = stateAfter(memory.state, entry, index);
  return claims;
}

function authorClaims(memory: LogMemory, { author, kind }: Change): Claim[] {
  if (author.method !== 'local') return [];
  const allowed = isSetup(author) ? !memory.setupOver : isBreaker(author) && kind === 'availability.put';
  return allowed ? [] : [['author_not_allowed', `a change by ${author.key_id} of this machine`]];
}

function changeClaims(memory: LogMemory, entry: Change): Claim[] {
  const { state, keys } = memory;
  switch (entry.kind) {
    case 'contract.put':
      return versionClaims('contract_changed', memory.contractVersions, 'caio/contract/v1', entry.contract);
    case 'policy.put':
      return versionClaims('policy_changed', memory.policyVersions, 'caio/policy/v1', entry.policy);
    case 'contract.remove':
      return removalClaims(state.contracts, entry.service);
    case 'policy.remove':
      return removalClaims(state.policies, entry.policy);
    case 'parameters.put':
      return [];
    case 'key.put':
      return keys.has(entry.key.id) ? [['key_put_twice', `the key ${entry.key.id} was put before`]] : [];
    case 'key.revoke': {
      const known = keys.get(entry.key);
      if (known !== undefined && known.revokedAt === undefined) return [];
      const why = known === undefined ? 'was never put' : 'is revoked already';
      return [['key_not_revocable', `the key ${entry.key} ${why}`]];
    }
    case 'availability.put':
      return availabilityClaims(memory, entry);
  }
}

/** One (id, version) has one content for ever. */
function versionClaims(
  code: 'contract_changed' | 'policy_changed',
  versions: ReadonlyMap<string, string>,
  tag: string,
  document: Contract | Policy,
): Claim[] {
  const { id, version } = document;
  const known = versions.get(`${id}@${version}`);
  if (known === undefined || known === documentDigest(tag, document)) return [];
  return [[code, `${id} ${version} was put before with other content`]];
}

function removalClaims(items: readonly { readonly id: string }[], id: string): Claim[] {
  return items.some((item) => item.id === id) ? [] : [['removal_of_nothing', `there is no ${id}`]];
}

function availabilityClaims(memory: LogMemory, entry: AvailabilityPut): Claim[] {
  const { contracts, availability } = memory.state;
  const { service, state, author } = entry;
  if (!contracts.some(({ id }) => id === service)) {
    return [['service_not_registered', `${service} is not registered`]];
  }
  const row = availability.find((other) => other.service === service);
  if (state === 'available' && row === undefined) {
    return [['removal_of_nothing', `${service} is available already`]];
  }
  return isBreaker(author) && !breakerActs(memory, entry, row !== undefined)
    ? [['breaker_wrong', `the breaker of ${service} had no reason for ${state}`]]
    : [];
}

/** Section 5: held out after a streak of failures, available again after the cooldown. */
function breakerActs(memory: LogMemory, { service, state, time }: AvailabilityPut, out: boolean): boolean {
  const { breaker } = memory.state.parameters;
  if (breaker === undefined) return false;
  if (state === 'held_out') return !out && (memory.streaks.get(service) ?? 0) >= breaker.failures;
  const since = memory.heldSince.get(service);
  return state === 'available' && since !== undefined && since + breaker.cooldown_micros <= time;
}

/** What a change leaves to be remembered beside the state. */
function remember(memory: LogMemory, entry: Change): void {
  const { keys, streaks, heldSince } = memory;
  switch (entry.kind) {
    case 'contract.put': {
      const { id, version } = entry.contract;
      memory.contractVersions.set(`${id}@${version}`, documentDigest('caio/contract/v1', entry.contract));
      streaks.delete(id);
      return;
    }
    case 'contract.remove':
      heldSince.delete(entry.service);
      return;
    case 'policy.put': {
      const { id, version } = entry.policy;
      memory.policyVersions.set(`${id}@${version}`, documentDigest('caio/policy/v1', entry.policy));
      return;
    }
    case 'key.put':
      keys.set(entry.key.id, { record: entry.key });
      return;
    case 'key.revoke': {
      const known = keys.get(entry.key);
      if (known !== undefined) keys.set(entry.key, { record: known.record, revokedAt: entry.time });
      return;
    }
    case 'availability.put': {
      const { service, state, author, time } = entry;
      const failures = memory.state.parameters.breaker?.failures ?? 1;
      if (state === 'available') streaks.set(service, failures - 1);
      if (state === 'held_out' && isBreaker(author)) heldSince.set(service, time);
      else heldSince.delete(service);
    }
  }
}
