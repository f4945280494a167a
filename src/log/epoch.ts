import { historyRowDigest } from '../contracts/digests.js';
import type { Parameters } from '../contracts/parameters.js';
import type { HistoryRow, PromiseCount } from '../contracts/state.js';
import { isTailWithin } from '../kernel/binomial-tail.js';
import type { Digest } from '../kernel/digest.js';
import { compareCodePoints, setRoot } from '../kernel/merkle.js';
import { SortedMap } from '../kernel/sorted-map.js';
import type { Breach, OutcomeEntry, Verdict } from './entry.js';

/** The epoch that is being counted (log calculus section 4). Immutable. */
export interface OpenEpoch {
  /** 1 for the first. */
  readonly epoch: number;
  /** Log index it begins at. */
  readonly from: number;
  /** Time of the entry at `from`, microseconds since the epoch. */
  readonly opened: number;
  readonly trials: number;
  /** By service, as they would be if it closed now. */
  readonly rows: SortedMap<HistoryRow>;
}

/** What a closed epoch says. */
export interface EpochTable {
  /** By service. */
  readonly rows: readonly HistoryRow[];
  readonly digest: Digest;
  readonly breaches: readonly Breach[];
}

export function openEpoch(epoch: number, from: number, opened: number): OpenEpoch {
  return { epoch, from, opened, trials: 0, rows: SortedMap.empty() };
}

/** The epoch with one more outcome: O(log services). Only calls that were answered or failed say something about a service. */
export function withOutcome(
  epoch: OpenEpoch,
  { service: { service }, measured, verdicts }: OutcomeEntry,
): OpenEpoch {
  const { result, latency_micros: latencyMicros } = measured;
  if (result !== 'answered' && result !== 'failed') return epoch;
  const before = epoch.rows.get(service) ?? { service, trials: 0, successes: 0 };
  const counted = verdicts.reduce(withVerdict, before.promises ?? []);
  const row: HistoryRow = {
    ...before,
    trials: before.trials + 1,
    ...(counted.length === 0 ? {} : { promises: counted }),
    ...(result === 'failed'
      ? {}
      : { successes: before.successes + 1, latency: withLatency(before.latency, latencyMicros) }),
  };
  return { ...epoch, trials: epoch.trials + 1, rows: epoch.rows.with(service, row) };
}

/** Whether an epoch may close at `time` (log calculus section 4.3): it never depends on how trials ended. */
export function isDue({ trials, opened }: OpenEpoch, { history }: Parameters, time: number): boolean {
  if (history === undefined || trials === 0) return false;
  return trials >= history.epoch_trials || time >= opened + history.epoch_micros;
}

const tables = new WeakMap<OpenEpoch, EpochTable>();

/** The table the epoch closes with: a hash for each row and a test for each promise, done once for each value of `epoch`. */
export function tableOf(epoch: OpenEpoch): EpochTable {
  const known = tables.get(epoch);
  if (known !== undefined) return known;
  const rows = [...epoch.rows.values()];
  const table = { rows, digest: epochDigest(rows), breaches: breachesOf(rows, epoch.epoch) };
  tables.set(epoch, table);
  return table;
}

export function epochDigest(rows: readonly HistoryRow[]): Digest {
  return setRoot(rows.map((row) => ({ id: row.service, digest: historyRowDigest(row) })));
}

/**
 * The promises that the rows of epoch e refute, in the order of rows and promises: P[Bin(n, p0) ≥ x] ≤ 0.01 / (M·e·(e+1)), in exact
 * integers (log calculus section 4.6). Nothing for one with x ≤ n·p0; else see `isTailWithin`.
 */
export function breachesOf(rows: readonly HistoryRow[], epoch: number): readonly Breach[] {
  const tested = rows.flatMap(({ service, promises = [] }) =>
    promises.filter(({ trials }) => trials > 0).map((count) => ({ service, ...count })),
  );
  const divisor = 100n * BigInt(tested.length) * BigInt(epoch) * BigInt(epoch + 1);
  return tested.filter(
    ({ trials, misses, p0_ppm: p0 }) => misses > 0 && isTailWithin(trials, misses, p0, divisor),
  );
}

/** The miss rate, ppm, that a promise allows; `undefined` for one that is not statistical. */
export function allowedMissPpm({ property, bound }: Pick<Verdict, 'property' | 'bound'>): number | undefined {
  switch (property) {
    case 'latency_p50_micros':
      return 500_000;
    case 'latency_p95_micros':
      return 50_000;
    case 'latency_p99_micros':
      return 10_000;
    case 'latency_max_micros':
      return 0;
    case 'availability_ppm':
      return 1_000_000 - bound;
    default:
      return undefined;
  }
}

const latencyBuckets = 19;

/** The bucket of a latency: the least k < 18 with latency ≤ 1000·2^k µs, else 18. */
export function latencyBucket(latencyMicros: number): number {
  let bucket = 0;
  for (let bound = 1000; latencyMicros > bound && bucket < latencyBuckets - 1; bound *= 2) bucket += 1;
  return bucket;
}

function withLatency(before: readonly number[] | undefined, latencyMicros: number): readonly number[] {
  const latency = before === undefined ? new Array<number>(latencyBuckets).fill(0) : [...before];
  const bucket = latencyBucket(latencyMicros);
  latency[bucket] = (latency[bucket] ?? 0) + 1;
  return latency;
}

function withVerdict(counts: readonly PromiseCount[], verdict: Verdict): readonly PromiseCount[] {
  const p0 = allowedMissPpm(verdict);
  if (p0 === undefined) return counts;
  const { property, held } = verdict;
  const at = counts.findIndex(
    (other) => (compareCodePoints(other.property, property) || other.p0_ppm - p0) >= 0,
  );
  const index = at === -1 ? counts.length : at;
  const found = counts[index];
  const same = found !== undefined && found.property === property && found.p0_ppm === p0;
  const { trials, misses } = same ? found : { trials: 0, misses: 0 };
  const count = { property, p0_ppm: p0, trials: trials + 1, misses: misses + (held ? 0 : 1) };
  return counts.toSpliced(index, same ? 1 : 0, count);
}
