// Generated from notebooks/math/09_history.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { HistoryRow, PromiseCount } from '../contracts/state.js';
import { byCodePoint } from './canonical.js';
import { digest, setRoot } from './digest.js';

/** What an epoch counts of one outcome. */
export interface CountedOutcome {
  readonly service: string;
  readonly result: string;
  readonly latency_micros: number;
  readonly verdicts: readonly { readonly property: string; readonly bound: number; readonly held: boolean }[];
}

/** The miss rate, in ppm, that a promise allows; undefined for one that is no statistical promise. */
export function allowedMissPpm(property: string, bound: number): number | undefined {
  if (property === 'latency_p50_micros') return 500_000;
  if (property === 'latency_p95_micros') return 50_000;
  if (property === 'latency_p99_micros') return 10_000;
  if (property === 'latency_max_micros') return 0;
  if (property === 'availability_ppm') return 1_000_000 - bound;
  return undefined;
}

/** The least k < 18 with latency ≤ 1000·2^k µs; 18 when there is none. */
export function latencyBucket(micros: number): number {
  let bucket = 0;
  for (let bound = 1000; bucket < 18 && micros > bound; bound *= 2) bucket += 1;
  return bucket;
}

/** One row for each service with a trial, by id (log calculus, 4.4). */
export function epochRows(outcomes: readonly CountedOutcome[]): readonly HistoryRow[] {
  const trials = outcomes.filter(({ result }) => result === 'answered' || result === 'failed');
  const services = [...new Set(trials.map(({ service }) => service))].sort(byCodePoint);
  const ofService = new Map(services.map((service) => [service, [] as CountedOutcome[]]));
  for (const trial of trials) ofService.get(trial.service)?.push(trial);
  return services.map((service) => rowOf(service, ofService.get(service) ?? []));
}

function rowOf(service: string, trials: readonly CountedOutcome[]): HistoryRow {
  const successes = trials.filter(({ result }) => result === 'answered');
  const promises = promiseCounts(trials);
  const latency = new Array<number>(19).fill(0);
  for (const { latency_micros: micros } of successes) {
    const bucket = latencyBucket(micros);
    latency[bucket] = (latency[bucket] as number) + 1;
  }
  return {
    service,
    trials: trials.length,
    successes: successes.length,
    ...(successes.length === 0 ? {} : { latency }),
    ...(promises.length === 0 ? {} : { promises }),
  };
}

function promiseCounts(trials: readonly CountedOutcome[]): readonly PromiseCount[] {
  const counts = new Map<string, PromiseCount>();
  for (const { property, bound, held } of trials.flatMap(({ verdicts }) => verdicts)) {
    const p0 = allowedMissPpm(property, bound);
    if (p0 === undefined) continue;
    const before = counts.get(`${property} ${p0}`);
    counts.set(`${property} ${p0}`, {
      property,
      p0_ppm: p0,
      trials: (before?.trials ?? 0) + 1,
      misses: (before?.misses ?? 0) + (held ? 0 : 1),
    });
  }
  return [...counts.values()].sort((a, b) => byCodePoint(a.property, b.property) || a.p0_ppm - b.p0_ppm);
}

/** The set root of the rows by service (log calculus, 4.5), in hex. */
export function epochDigest(rows: readonly HistoryRow[]): string {
  return setRoot(rows.map((row) => ({ id: row.service, digest: digest('caio/history-row/v1', row) })));
}

/** A promise that the counts of an epoch refute. */
export interface RefutedPromise {
  readonly service: string;
  readonly property: string;
  readonly p0_ppm: number;
  readonly trials: number;
  readonly misses: number;
}

/**
 * The refuted promises of epoch e (1, 2, …), in the order of rows and promises (log calculus, 4.6). At most n − x sums of numbers
 * of 20·n bits for each promise with x of n missed, and none for one with x ≤ n·p₀.
 */
export function breachesOf(rows: readonly HistoryRow[], epoch: number): readonly RefutedPromise[] {
  const tested = rows.flatMap(({ service, promises = [] }) =>
    promises.filter(({ trials }) => trials > 0).map((count) => ({ service, ...count })),
  );
  const divisor = 100n * BigInt(tested.length) * BigInt(epoch) * BigInt(epoch + 1);
  return tested.filter(({ p0_ppm, trials, misses }) => isRefuted(trials, misses, p0_ppm, divisor));
}

/** divisor · P[Bin(n, p0) ≥ x] ≤ 1, for a divisor of at least 200. */
export function isRefuted(n: number, x: number, p0Ppm: number, divisor: bigint): boolean {
  if (x * 1_000_000 <= n * p0Ppm) return false;
  if (p0Ppm === 0) return true;
  const a = BigInt(p0Ppm);
  const b = 1_000_000n - a;
  const most = power(1_000_000n, n) / divisor;
  let term = binomial(n, x) * power(a, x) * power(b, n - x);
  let sum = term;
  for (let k = x; k < n && sum <= most; k += 1) {
    term = (term * BigInt(n - k) * a) / (BigInt(k + 1) * b);
    sum += term;
  }
  return sum <= most;
}

/** By squaring. */
function power(base: bigint, exponent: number): bigint {
  if (exponent === 0) return 1n;
  const root = power(base, Math.floor(exponent / 2));
  return exponent % 2 === 0 ? root * root : root * root * base;
}

function binomial(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 1; i <= k; i += 1) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}
