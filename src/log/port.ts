import type { Digest } from '../kernel/digest.js';

/** Where a log stands. Two heads are the same when all their fields are. */
export interface Head {
  /** Number of entries. */
  readonly size: number;
  /** MTH of all entries (RFC 6962 §2.1). */
  readonly root: Digest;
}

/** Immutable bytes under a name. A name is written once, or again with the same bytes. */
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

/** Its head may be the stored one: then blobs and rows are written beside the entries. */
export interface Batch {
  readonly head: Head;
  readonly blobs: readonly Blob[];
  readonly index: readonly IndexRow[];
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
 * 1. **Atomic.** `commit` writes head, blobs and index rows together or not at all, also when the process or the machine stops
 *    in the middle. No reader ever sees a part of a batch.
 * 2. **Compare and swap.** It writes only when the stored head is `expected` (`undefined`: no head yet), else it answers
 *    `conflict` and has written nothing. Of two writers with one expectation at most one succeeds, across processes too.
 * 3. **Durable.** When the promise resolves to `committed` the batch survives a power failure; a driver that cannot promise
 *    that (memory) says so in its `durability`.
 * 4. **Read your writes.** Every read that begins after `committed` sees the batch.
 * 5. **A rejection says nothing.** A Fault `storage_failed` may mean that the batch was written or that it was not: the caller
 *    reads the head before it goes on.
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
  /**
   * Calls back when another process may have committed: once or many times for a commit, also without one, and some time after it at the
   * latest (a notification may be lost, so drivers look for themselves now and then). Commits through this handle need not call back, and
   * where one process has the store for itself nothing ever does. Resolves to what ends it; `close` ends it too.
   */
  watch(onCommit: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
