import { describe, expect, it } from 'vitest';
import type { Parameters } from '../../../src/contracts/parameters.js';
import { entryType, type HistoryEpoch, type LogEntry, type OutcomeEntry } from '../../../src/log/entry.js';
import {
  allowedMissPpm,
  breachesOf,
  isDue,
  latencyBucket,
  openEpoch,
  tableOf,
  withOutcome,
} from '../../../src/log/epoch.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import { contractPut, genesis, outcome } from './entries.js';

const parameters: Parameters = {
  ...genesis.parameters,
  history: { epoch_trials: 3, epoch_micros: 1_000 },
};
const begun = { ...genesis, parameters };

function foldAll(...entries: LogEntry[]): Folded {
  return entries.reduce<Folded | undefined>(fold, undefined) as Folded;
}

function promised(service: string, result: 'answered' | 'failed', held: boolean): OutcomeEntry {
  return { ...outcome(service, result), verdicts: [{ property: 'latency_max_micros', bound: 5, held }] };
}

/** The entry that closes the epoch that is open after `folded`. */
function closing(folded: Folded, more: Partial<HistoryEpoch> = {}): HistoryEpoch {
  const { epoch, from } = folded.epoch;
  const { digest, breaches } = tableOf(folded.epoch);
  return {
    type: entryType,
    kind: 'history.epoch',
    time: 2_000,
    epoch,
    from,
    to: folded.size,
    digest,
    breaches,
    ...more,
  };
}

describe('an epoch of history', () => {
  it('counts calls that were answered or failed, by service, in code-point order', () => {
    const folded = foldAll(
      begun,
      outcome('b', 'answered'),
      promised('a', 'failed', false),
      outcome('b', 'aborted'),
      outcome('b', 'rejected'),
      outcome('b', 'not_sent'),
      outcome('b', 'failed'),
    );
    expect(folded.epoch.trials).toBe(3);
    expect(tableOf(folded.epoch).rows).toEqual([
      {
        service: 'a',
        trials: 1,
        successes: 0,
        promises: [{ property: 'latency_max_micros', p0_ppm: 0, trials: 1, misses: 1 }],
      },
      { service: 'b', trials: 2, successes: 1, latency: [1, ...new Array(18).fill(0)] },
    ]);
  });

  it('is closed by its entry, which opens the next one there', () => {
    const before = foldAll(begun, promised('a', 'failed', false), outcome('b', 'answered'));
    const after = fold(before, closing(before));
    expect(after.state.history).toEqual({ from: 0, to: 3, rows: tableOf(before.epoch).rows });
    expect(after.state.as_of).toBe(4);
    expect(after.breaches).toEqual([
      { service: 'a', property: 'latency_max_micros', p0_ppm: 0, trials: 1, misses: 1 },
    ]);
    expect(after.epoch).toEqual(openEpoch(2, 3, 2_000));
    const next = [outcome('a', 'answered'), contractPut('a')].reduce<Folded>(fold, after);
    const last = fold(next, closing(next, { time: 3_000 }));
    expect(last.state.history).toMatchObject({ from: 3, to: 6, rows: [{ service: 'a', trials: 1 }] });
    expect(last.breaches).toEqual([]);
  });

  it('is not closed by an entry that says anything else than the log does', () => {
    const before = foldAll(begun, promised('a', 'failed', false), outcome('b', 'answered'));
    const breach = closing(before).breaches[0];
    if (breach === undefined) throw new Error('no breach');
    const wrong: [Partial<HistoryEpoch>, RegExp][] = [
      [{ epoch: 2 }, /epoch 2 over/],
      [{ from: 1 }, /epoch 1 over \[1/],
      [{ to: 2 }, /epoch 1 over \[0, 2\)/],
      [{ to: 4 }, /epoch 1 over \[0, 4\)/],
      [{ digest: '0'.repeat(64) }, /digest/],
      [{ breaches: [] }, /breaches/],
      [{ breaches: [breach, breach] }, /breaches/],
      [{ breaches: [{ ...breach, misses: 2 }] }, /breaches/],
      [{ time: 1_000 }, /not due/],
    ];
    for (const [change, message] of wrong) {
      expect(() => fold(before, closing(before, change)), JSON.stringify(change)).toThrow(message);
    }
    expect(() => fold(before, closing(before))).not.toThrow();
  });

  it('is due by trials or by time, never without a trial, and never where the parameters say nothing of history', () => {
    const empty = openEpoch(1, 0, 500);
    const with1 = withOutcome(empty, outcome('a', 'failed'));
    const with3 = [1, 2].reduce((epoch) => withOutcome(epoch, outcome('a', 'answered')), with1);
    expect([empty, with1, with3].map((epoch) => isDue(epoch, parameters, 1_499))).toEqual([
      false,
      false,
      true,
    ]);
    expect([empty, with1, with3].map((epoch) => isDue(epoch, parameters, 1_500))).toEqual([
      false,
      true,
      true,
    ]);
    expect(isDue(with3, genesis.parameters, 1e15)).toBe(false);
    const untouched = withOutcome(with1, outcome('a', 'aborted'));
    expect(untouched).toBe(with1);
  });

  it('has latency buckets that end at 1000·2^k microseconds', () => {
    for (let k = 0; k < 18; k += 1) {
      expect([1000 * 2 ** k, 1000 * 2 ** k + 1].map(latencyBucket)).toEqual([k, k + 1]);
    }
    expect([0, 1, 2 ** 50].map(latencyBucket)).toEqual([0, 0, 18]);
  });

  it('holds a trial against what a promise leaves room for', () => {
    const of = (property: string, bound: number) => allowedMissPpm({ property, bound });
    expect(of('latency_p50_micros', 1)).toBe(500_000);
    expect(of('latency_p95_micros', 1)).toBe(50_000);
    expect(of('latency_p99_micros', 1)).toBe(10_000);
    expect(of('latency_max_micros', 1)).toBe(0);
    expect(of('availability_ppm', 999_000)).toBe(1_000);
    expect(of('cost_micro_usd', 1)).toBeUndefined();
  });

  it('asks for more evidence the more promises are tested and the later the epoch is', () => {
    const row = (service: string, misses: number) => ({
      service,
      trials: 10,
      successes: 10,
      promises: [{ property: 'latency_p50_micros', p0_ppm: 500_000, trials: 10, misses }],
    });
    // All of 10 missed at one half: 1/1024, against 1/200, and 1/2000 of ten promises, and 1/2000 in epoch 4.
    const others = Array.from({ length: 9 }, (_, i) => row(`o${i}`, 0));
    expect(breachesOf([row('a', 10)], 1)).toHaveLength(1);
    expect(breachesOf([row('a', 10), ...others], 1)).toHaveLength(0);
    expect(breachesOf([row('a', 10)], 4)).toHaveLength(0);
    expect(breachesOf([row('a', 0)], 1)).toHaveLength(0);
    expect(breachesOf([], 1)).toEqual([]);
  });
});
