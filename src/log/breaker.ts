import type { Parameters } from '../contracts/parameters.js';
import type { State } from '../contracts/state.js';
import { itemOf } from '../kernel/sorted-list.js';
import { SortedMap } from '../kernel/sorted-map.js';
import type { Author, AvailabilityPut, OutcomeEntry } from './entry.js';

/** What circuit breakers go by (log calculus section 5). Immutable. */
export interface Breakers {
  /** Failures in a row by service; none is 0. */
  readonly streaks: SortedMap<number>;
  /** Services that are held out by the breaker, with the time of the entry that did it. */
  readonly heldOut: SortedMap<number>;
}

export const breakerAuthor: Author = { method: 'local', key_id: 'breaker' };

export const noBreakers: Breakers = { streaks: SortedMap.empty(), heldOut: SortedMap.empty() };

export function isBreaker({ method, key_id: keyId }: Author): boolean {
  return method === breakerAuthor.method && keyId === breakerAuthor.key_id;
}

export function streakOf({ streaks }: Breakers, service: string): number {
  return streaks.get(service) ?? 0;
}

export function afterOutcome(before: Breakers, { service: { service }, measured }: OutcomeEntry): Breakers {
  if (measured.result === 'answered') return withStreak(before, service, 0);
  if (measured.result === 'failed') return withStreak(before, service, streakOf(before, service) + 1);
  return before;
}

/** A new version is another service as far as failures go; whoever holds it out goes on doing so. */
export function afterContractPut(before: Breakers, service: string): Breakers {
  return withStreak(before, service, 0);
}

export function afterContractRemove(before: Breakers, service: string): Breakers {
  return { ...before, heldOut: before.heldOut.without(service) };
}

/** Of a service that is let in again one more failure is enough. */
export function afterAvailability(
  before: Breakers,
  entry: AvailabilityPut,
  { breaker }: Parameters,
): Breakers {
  const { service, state, author, time } = entry;
  if (state === 'available') {
    const released = { ...before, heldOut: before.heldOut.without(service) };
    return withStreak(released, service, breaker === undefined ? 0 : breaker.failures - 1);
  }
  const heldOut = isBreaker(author) ? before.heldOut.with(service, time) : before.heldOut.without(service);
  return { ...before, heldOut };
}

/** Whether the breaker may hold the service out: it failed often enough in a row, is registered, and nobody keeps it out. */
export function mayHoldOut(breakers: Breakers, service: string, state: State): boolean {
  const { parameters, availability, contracts } = state;
  const { breaker } = parameters;
  if (breaker === undefined || streakOf(breakers, service) < breaker.failures) return false;
  const registered = itemOf(contracts, service, (contract) => contract.id) !== undefined;
  return registered && itemOf(availability, service, (row) => row.service) === undefined;
}

/** Whether the breaker may let the service in again: it holds it out itself, for as long as the cooldown. */
export function mayRelease(
  breakers: Breakers,
  service: string,
  { breaker }: Parameters,
  time: number,
): boolean {
  const since = breakers.heldOut.get(service);
  return breaker !== undefined && since !== undefined && since + breaker.cooldown_micros <= time;
}

function withStreak(before: Breakers, service: string, streak: number): Breakers {
  if (streakOf(before, service) === streak) return before;
  const { streaks } = before;
  return { ...before, streaks: streak === 0 ? streaks.without(service) : streaks.with(service, streak) };
}
