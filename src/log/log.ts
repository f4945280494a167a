import type { State } from '../contracts/state.js';
import type { Problem } from '../kernel/problem.js';
import type { Result } from '../kernel/result.js';
import type { DecisionEntry, EventEntry, LogEntry, StateEntry } from './entry.js';
import type { Folded } from './fold.js';
import type { StoragePort } from './port.js';
import type { Published } from './published.js';
import type { SnapshotOptions } from './snapshot-options.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';

/** What decisions and checks read: one state, complete at `folded.state.as_of`, with the snapshot built from it. */
export interface View<Snapshot> {
  readonly folded: Folded;
  readonly snapshot: Snapshot;
}

export interface LogOptions<Snapshot> {
  readonly storage: StoragePort;
  /** `orchestrator.buildSnapshot`: the log knows when a state changes, not what it means. */
  readonly buildSnapshot: (state: State, previous?: Snapshot) => Result<Snapshot, readonly Problem[]>;
  /** Signs the checkpoint of each batch once it is durable. Its name is the origin of the log. */
  readonly signer: CheckpointSigner;
  /** The most entries in one commit. */
  readonly batchEntries?: number;
  /**
   * Awaited before each commit: what is appended meanwhile shares it (group commit). Default: no wait, so a store that commits
   * synchronously gets one entry at a time.
   */
  readonly gather?: () => Promise<void>;
  /** Keeps what a later start goes on from. Absent: each start reads every entry. */
  readonly snapshots?: SnapshotOptions;
  /** The most decisions and changes that wait for a commit; one more is refused with Fault `unavailable`. */
  readonly waitingAppends?: number;
}

/** Where a state change ended up. `from` and `to` bound its entries: [from, to). Nothing appended: they are equal. */
export interface Appended<Snapshot> {
  readonly from: number;
  readonly to: number;
  readonly view: View<Snapshot>;
}

/**
 * What an append of a decision comes to. `stale`: a state entry stands between the decision's `as_of` and the index it would get
 * (INV-CAIO-LOG-0002), or the log has a decision of its id, so it was not appended; decide again, on the current view and at another time.
 */
export type DecisionAppend = ({ readonly kind: 'appended' } & EventsAppended) | { readonly kind: 'stale' };

/** Where events ended up: the index of the first of them. */
export interface EventsAppended {
  readonly index: number;
  /** The number of the first attempt among them at its service (log calculus section 3.5); absent where none is an attempt. */
  readonly attemptNumber?: number;
  /** Of a decision with an attempt: until when attempts and outcomes of it may be appended, for `appendEvents`. */
  readonly spanEnd?: number;
}

/** Entries for the state at hand, or the reason why there are none. It may run more than once and has no effects. */
export type MakeEntries<Snapshot, E> = (view: View<Snapshot>) => Result<readonly StateEntry[], E>;

export interface Log<Snapshot> {
  /** The current view. Changes only by replacement, after the change is durable. */
  readonly view: View<Snapshot>;
  readonly size: number;
  /** The last signed checkpoint: never ahead of what is durable, and signed before anything in it is acknowledged. */
  readonly published: Published;
  /** Calls the listener after each new checkpoint, in the turn in which it was signed; gives what ends that. It must not throw. */
  onPublished(listener: (published: Published) => void): () => void;
  /** Appends what `make` gives for the state that is current when its turn comes: nothing comes in between. */
  appendState<E>(make: MakeEntries<Snapshot, E>): Promise<Result<Appended<Snapshot>, E | readonly Problem[]>>;
  appendDecision(entry: DecisionEntry): Promise<DecisionAppend>;
  /**
   * Resolves when all are durable. `spanEnd`: that of the decision to which they belong. Where the log's clock is past it none is appended, by whichever
   * instance it went on, and the Fault is `upstream_timeout`.
   */
  appendEvents(
    entries: readonly Exclude<EventEntry, DecisionEntry>[],
    spanEnd?: number,
  ): Promise<EventsAppended>;
  /**
   * Keeps the changes of this process waiting until what it gives is called: for a decision that changes have made stale several times in a
   * row. While they wait they make no other decision stale, so holds come to an end.
   */
  holdChanges(): () => void;
  read(index: number): Promise<LogEntry | undefined>;
  /** Resolves when the store can be read and, where the last commit failed, written again; rejects with its Fault. */
  check(): Promise<void>;
  /** Reads and folds what other processes have committed, when its turn comes. Rejects with the store's Fault, which `check` then tells too. */
  refresh(): Promise<void>;
  /** Ends what goes on beside the appends, which are over, and closes the store. */
  close(): Promise<void>;
  readonly storage: StoragePort;
}
