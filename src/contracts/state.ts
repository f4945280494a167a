import type { Contract } from './contract.js';
import type { Parameters } from './parameters.js';
import type { Policy } from './policy.js';

/** A row of the history epoch (log calculus section 4.4); a service without a row has reliability 500,000 ppm. */
export interface HistoryRow {
  readonly service: string;
  readonly trials: number;
  readonly successes: number;
  /** 19 counts of successes by latency, at most 1000·2^k µs in bucket k < 18. Absent without successes, or where nobody measured. */
  readonly latency?: readonly number[];
  /** Absent when no trial was held against a statistical promise. */
  readonly promises?: readonly PromiseCount[];
}

/** How often trials missed a promise whose miss rate is p0. */
export interface PromiseCount {
  readonly property: string;
  readonly p0_ppm: number;
  readonly trials: number;
  readonly misses: number;
}

/** An immutable epoch over [from, to), log indexes. */
export interface History {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly HistoryRow[];
}

/** A row exists only for a service that is not available. */
export interface AvailabilityRow {
  readonly service: string;
  readonly state: 'disabled' | 'held_out';
  readonly reason: string;
}

/** The whole state S a decision reads, as documents. Lists sorted by id in code-point order. */
export interface State {
  readonly contracts: readonly Contract[];
  readonly policies: readonly Policy[];
  readonly parameters: Parameters;
  readonly history: History;
  readonly availability: readonly AvailabilityRow[];
  /** Log size at which this state was complete. */
  readonly as_of: number;
}
