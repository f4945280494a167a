import type { Result } from '../../kernel/result.js';
import type { Replayed, ReplayFault } from '../../replay/replay.js';

/** The next entries of the log, in order. */
export interface Stretch {
  readonly id: number;
  readonly first: number;
  /** Absent where the fold does not read it and another thread decides it. */
  readonly entries: readonly (Uint8Array | undefined)[];
  /** Indices of the decisions that this thread decides again, ascending. */
  readonly decided: readonly number[];
}

/** What they came to, in order; a fault is the last. */
export interface Decided {
  readonly id: number;
  readonly results: readonly Outcome[];
}

export interface Outcome {
  readonly index: number;
  readonly result: Result<Replayed, ReplayFault>;
}
