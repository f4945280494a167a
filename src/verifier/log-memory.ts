// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { ServiceReference } from './certificate-document.js';
import type { Contract, HistoryRow, PromiseCount, State } from './documents.js';
import type { CountedOutcome } from './history-epoch.js';
import { epochRows } from './history-epoch.js';
import type { KeyRecord } from './log-entry.js';

export interface KeyState {
  readonly record: KeyRecord;
  readonly revokedAt?: number;
}

/** A member of a certified chain; without the contract when the state had another than the certificate names. */
export interface Member {
  readonly reference: ServiceReference;
  readonly contract: Contract | undefined;
}

export interface DecisionMemory {
  readonly index: number;
  /** Its span is over where the log's clock is past this. */
  readonly spanEnd: number;
  chain: readonly Member[];
  /** The certified promise of the whole execution. */
  readonly promisedCost: number | undefined;
  /** Bit r: the member of rank r was attempted, or its attempt has ended. */
  attempted: number;
  ended: number;
}

/** Plain data. What may stand at index `size` depends on nothing else. */
export interface LogMemory {
  size: number;
  origin: string;
  verifierKey: string;
  state: State;
  epoch: number;
  /** Time of the entry at which the open epoch begins. */
  epochOpened: number;
  readonly keys: Map<string, KeyState>;
  readonly contractVersions: Map<string, string>;
  readonly policyVersions: Map<string, string>;
  /** Rows of the trials of the open epoch, but for the last few, which `trials` has. */
  counted: readonly HistoryRow[];
  trials: CountedOutcome[];
  trialCount: number;
  readonly streaks: Map<string, number>;
  /** Service → the time since which its breaker holds it out. */
  readonly heldSince: Map<string, number>;
  setupOver: boolean;
  /** Of all entries and decisions. */
  latestTime: number;
  /** The log's clock: the latest time of a decision. */
  clock: number;
  /** Those within their span, and some whose span is over: see `decisionWithin`. */
  readonly decisions: Map<string, DecisionMemory>;
  /** How many `decisions` may be before those whose span is over are looked for. */
  lookAt: number;
}

/** Trials that are kept one by one before they are counted. */
const mostTrials = 1024;

export function addTrial(memory: LogMemory, trial: CountedOutcome): void {
  memory.trials.push(trial);
  memory.trialCount += 1;
  if (memory.trials.length < mostTrials) return;
  memory.counted = addRows(memory.counted, epochRows(memory.trials));
  memory.trials = [];
}

/** Rows of all trials of the open epoch. */
export function openRows({ counted, trials }: LogMemory): readonly HistoryRow[] {
  return addRows(counted, epochRows(trials));
}

/** The rows of two stretches of one epoch together. */
export function addRows(a: readonly HistoryRow[], b: readonly HistoryRow[]): readonly HistoryRow[] {
  const sums = new Map(a.map((row) => [row.service, row]));
  for (const row of b) {
    const before = sums.get(row.service);
    sums.set(row.service, before === undefined ? row : addRow(before, row));
  }
  return [...sums.values()].sort((x, y) => byCodePoint(x.service, y.service));
}

function addRow(a: HistoryRow, b: HistoryRow): HistoryRow {
  const latency =
    a.latency === undefined || b.latency === undefined
      ? (a.latency ?? b.latency)
      : a.latency.map((count, bucket) => count + (b.latency?.[bucket] ?? 0));
  const promises = addPromises(a.promises ?? [], b.promises ?? []);
  return {
    service: a.service,
    trials: a.trials + b.trials,
    successes: a.successes + b.successes,
    ...(latency === undefined ? {} : { latency }),
    ...(promises.length === 0 ? {} : { promises }),
  };
}

function addPromises(a: readonly PromiseCount[], b: readonly PromiseCount[]): readonly PromiseCount[] {
  const sums = new Map<string, PromiseCount>();
  for (const count of [...a, ...b]) {
    const key = `${count.property} ${count.p0_ppm}`;
    const before = sums.get(key);
    const trials = (before?.trials ?? 0) + count.trials;
    sums.set(key, { ...count, trials, misses: (before?.misses ?? 0) + count.misses });
  }
  return [...sums.values()].sort((x, y) => byCodePoint(x.property, y.property) || x.p0_ppm - y.p0_ppm);
}
