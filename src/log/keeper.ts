import type { Digest } from '../kernel/digest.js';
import type { AttemptCounts } from './attempt-counts.js';
import type { DecisionIds } from './decision-ids.js';
import type { Folded } from './fold.js';

/** How far a log has grown, all of it durable. */
export interface Grown {
  readonly folded: Folded;
  readonly root: Digest;
  /** Counts on with the log. */
  readonly attempts: AttemptCounts;
  readonly decided: DecisionIds;
}

/** What goes on beside the appends of a log. */
export interface Keeper {
  /** Called each time the log has grown, in the turn in which all three say the same. */
  settled(at: Grown): void;
  /** No call of `settled` follows. */
  close(): Promise<void>;
}
