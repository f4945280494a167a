import { describe, expect, it } from 'vitest';
import type { HistoryRow } from '../../../src/contracts/state.js';
import { breakerAuthor } from '../../../src/log/breaker.js';
import { type AvailabilityPut, entryType, type LogEntry } from '../../../src/log/entry.js';
import { openEpoch, tableOf, withOutcome } from '../../../src/log/epoch.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import { dueEntries } from '../../../src/server/history-keeper.js';
import { drawOutcomes } from '../../generators/outcomes.js';
import { Random } from '../../generators/random.js';
import { seed } from '../../support/seed.js';
import { author, contractPut, genesis, outcome } from '../../unit/log/entries.js';

/** What rows count, with the services and promises as names. */
function counts(rows: readonly HistoryRow[]): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (name: string, count: number) => sums.set(name, (sums.get(name) ?? 0) + count);
  for (const { service, trials, successes, latency = [], promises = [] } of rows) {
    add(`${service} trials`, trials);
    add(`${service} successes`, successes);
    for (const [bucket, count] of latency.entries()) add(`${service} latency ${bucket}`, count);
    for (const { property, p0_ppm: p0, trials: held, misses } of promises) {
      add(`${service} ${property} ${p0} trials`, held);
      add(`${service} ${property} ${p0} misses`, misses);
    }
  }
  for (const [name, count] of sums) if (count === 0) sums.delete(name);
  return sums;
}

function sum(a: Map<string, number>, b: Map<string, number>): Map<string, number> {
  const both = new Map(a);
  for (const [name, count] of b) both.set(name, (both.get(name) ?? 0) + count);
  return both;
}

describe('history', () => {
  it('counts the same in two epochs as in one, wherever the first is closed', () => {
    for (let stream = 0; stream < 400; stream += 1) {
      const random = new Random(seed, stream);
      const outcomes = drawOutcomes(random);
      const at = random.integer(0, outcomes.length);
      const rows = (part: typeof outcomes) => tableOf(part.reduce(withOutcome, openEpoch(1, 0, 0))).rows;
      const parts = sum(counts(rows(outcomes.slice(0, at))), counts(rows(outcomes.slice(at))));
      expect(parts, `seed ${seed}, stream ${stream}`).toEqual(counts(rows(outcomes)));
      for (const { trials, successes, latency = [] } of rows(outcomes)) {
        expect(successes).toBeLessThanOrEqual(trials);
        expect(latency.reduce((all, count) => all + count, 0)).toBe(successes);
      }
    }
  });

  it('in a log of any course: whatever the keeper makes stands, and no breaker ever lifts an operator’s row', () => {
    const seen = { epochs: 0, heldOut: 0, released: 0, kept: 0 };
    for (let stream = 0; stream < 300; stream += 1)
      course(new Random(seed, stream), seen, `seed ${seed}, stream ${stream}`);
    console.log(`courses: 300, ${JSON.stringify(seen)}`);
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
  });
});

type Seen = { epochs: number; heldOut: number; released: number; kept: number };

function course(random: Random, seen: Seen, told: string): void {
  const services = ['a', 'b', 'c'];
  let time = 1_000;
  let folded = start(random);
  /** Service → whether the row it has is an operator's. */
  const operators = new Set<string>();
  const append = (entry: LogEntry) => {
    folded = fold(folded, entry);
  };
  for (const service of services) append(contractPut(service));
  for (let step = 0; step < 60; step += 1) {
    time += random.integer(0, 60);
    const service = random.pick(services);
    if (random.chance(0.85))
      append({ ...outcome(service, random.pick(['failed', 'failed', 'answered', 'rejected'])), time });
    else if (random.chance(0.5)) {
      const state = random.pick(['available', 'disabled', 'held_out'] as const);
      const row = folded.state.availability.some((each) => each.service === service);
      if (state === 'available' && !row) continue;
      append({ type: entryType, kind: 'availability.put', time, author, service, state, reason: 'by hand' });
      if (state === 'available') operators.delete(service);
      else operators.add(service);
    } else append({ ...contractPut(service, `1.0.${step}`), time });
    for (const entry of dueEntries(folded, time)) {
      append(entry);
      if (entry.kind === 'history.epoch') seen.epochs += 1;
      else noteBreaker(entry, operators, seen, told);
    }
    // A second look at the same time finds nothing.
    expect(dueEntries(folded, time), told).toEqual([]);
    for (const held of operators) {
      expect(folded.state.availability.find((row) => row.service === held)?.reason, told).toBe('by hand');
      seen.kept += 1;
    }
  }
}

function noteBreaker(entry: AvailabilityPut, operators: ReadonlySet<string>, seen: Seen, told: string): void {
  expect(entry.author, told).toEqual(breakerAuthor);
  expect(operators.has(entry.service), told).toBe(false);
  if (entry.state === 'held_out') seen.heldOut += 1;
  else seen.released += 1;
}

function start(random: Random): Folded {
  const parameters = {
    ...genesis.parameters,
    history: { epoch_trials: random.integer(1, 30), epoch_micros: random.integer(100, 5_000) },
    breaker: { failures: random.integer(1, 4), cooldown_micros: random.integer(1, 300) },
  };
  return fold(undefined, { ...genesis, parameters });
}
