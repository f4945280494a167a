import type { AttemptCounts } from './attempt-counts.js';
import type { DecisionIds } from './decision-ids.js';
import type { EventEntry, StateEntry } from './entry.js';
import type { Keeper } from './keeper.js';
import type { EventsAppended, View } from './log.js';
import type { Frontier } from './tlog/frontier.js';

/** What an appender goes on from. */
export interface Begun<Snapshot> {
  readonly view: View<Snapshot>;
  /** Of as many entries as are folded. */
  readonly frontier: Frontier;
  readonly attempts: AttemptCounts;
  readonly decided: DecisionIds;
  readonly keeper?: Keeper;
}

export interface Refresh {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface EventTask {
  readonly entries: readonly EventEntry[];
  /** For a decision: the log size at which the state it read was complete. */
  readonly asOf: number | undefined;
  /** For attempts and outcomes: the last of the log's clock at which they may stand. */
  readonly spanEnd?: number | undefined;
  readonly resolve: (appended: EventsAppended | 'stale') => void;
  readonly reject: (cause: unknown) => void;
}

export interface StateTask<Snapshot> {
  /** Makes and checks the entries; `undefined` when there is nothing to append, and the task is settled. */
  readonly plan: (view: View<Snapshot>) => Planned<Snapshot> | undefined;
  readonly settle: (from: number, view: View<Snapshot>) => void;
  readonly reject: (cause: unknown) => void;
}

export interface Planned<Snapshot> {
  readonly entries: readonly StateEntry[];
  readonly view: View<Snapshot>;
}
