import type { Digest } from '../kernel/digest.js';

/** Where a log stands. Two heads are the same when all their fields are. */
export interface Head {
  /** Number of entries. */
  readonly size: number;
  /** MTH of all entries (RFC 6962 §2.1). */
  readonly root: Digest;
}

/**
 * Below it is what may be dropped again: what the entries say anyway, kept so that a start takes less time. Nothing else is ever deleted, by
 * nobody and with no call of the port.
 */
export const droppableFolder = 'snapshot/';

/** Immutable bytes under a name. A name is written once, or again with the same bytes; below `snapshot/` it may be dropped, and written again. */
export interface Blob {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * A row of the searchable projection, which can be rebuilt from the blobs. Keys are ASCII, ordered by byte; the part up to and
 * with the last slash is the folder of the row.
 */
export interface IndexRow {
  readonly key: string;
  readonly value: string;
}

/** Keys below `snapshot/`, each there or not. */
export interface Drop {
  readonly blobs: readonly string[];
  readonly rows: readonly string[];
}

/** How a row has to be stored; without a value there has to be none. */
export interface Condition {
  readonly key: string;
  readonly value: string | undefined;
}

/** Its head may be the stored one: then blobs and rows are written, or dropped, beside the entries. */
export interface Batch {
  readonly head: Head;
  readonly blobs: readonly Blob[];
  readonly index: readonly IndexRow[];
  readonly drop?: Drop;
  /** Commits with one head do not see each other by it; by a row that each of them expects and changes they do. */
  readonly onlyIf?: Condition;
}

/** Rows of one folder with keys strictly between the bounds, ascending or, when `reverse`, descending. */
export interface IndexRange {
  readonly folder: string;
  readonly after?: string;
  readonly before?: string;
  readonly reverse?: boolean;
  readonly limit: number;
}

/**
 * Storage under the log. Duties of every driver:
 *
 * 1. **Atomic.** `commit` writes head, blobs and index rows, and drops what it drops, together or not at all, also when the process or the
 *    machine stops in the middle. No reader ever sees a part of a batch.
 * 2. **Compare and swap.** It writes only when the stored head is `expected` (`undefined`: no head yet) and the row of `onlyIf` is as that
 *    says, else it answers `conflict` and has written nothing. Of two writers that expect one head and write another, or expect one row and
 *    write another, at most one succeeds, across processes too.
 * 3. **Durable.** When the promise resolves to `committed` the batch survives a power failure; a driver that cannot promise
 *    that (memory) says so in its `durability`.
 * 4. **Read your writes.** Every read that begins after `committed` sees the batch.
 * 5. **A rejection says nothing.** A Fault `storage_failed` may mean that the batch was written or that it was not: the caller
 *    reads the head before it goes on.
 * 6. **Entries last.** A batch that drops a key which is not below `snapshot/`, or one that it writes as well, is a Defect, and nothing of it
 *    is written. Where the store knows rights, those needed to drop reach no further than `snapshot/`.
 */
export interface StoragePort {
  readonly durability: 'process' | 'disk';
  readHead(): Promise<Head | undefined>;
  commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'>;
  readBlob(key: string): Promise<Uint8Array | undefined>;
  /** The blobs of these keys, in their order: one round trip, where there is one to make. */
  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  readIndex(key: string): Promise<string | undefined>;
  scanIndex(range: IndexRange): Promise<readonly IndexRow[]>;
  /** Keys of the blobs below `snapshot/` behind `after`, ascending, `limit` at most. */
  scanDroppable(after: string, limit: number): Promise<readonly string[]>;
  /**
   * Calls back when another process may have committed: once or many times for a commit, also without one, and some time after it at the
   * latest (a notification may be lost, so drivers look for themselves now and then). Commits through this handle need not call back, and
   * where one process has the store for itself nothing ever does. Resolves to what ends it; `close` ends it too.
   */
  watch(onCommit: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
