import type { Rewrite } from './fsck/finding.js';
import type { Condition, Head, IndexRow, StoragePort } from './port.js';

/** A store that is only looked at. */
export interface StoreReading extends Omit<StoragePort, 'commit' | 'durability' | 'watch'> {
  /** Whether every read sees one state; else what is committed meanwhile may be seen. What stands below a head never changes either way. */
  readonly still: boolean;
  /** The values of these rows, in their order. */
  readRows(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** What is wrong with how the store holds its blobs. Where there is anything, no other read can be relied on. */
  malformations(): AsyncIterable<Malformation>;
  /** The keys of all blobs. */
  blobKeys(): AsyncIterable<string>;
  rows(): AsyncIterable<IndexRow>;
}

export interface Malformation {
  /** Where in the store. */
  readonly subject: string;
  readonly message: string;
}

/** A store whose derived parts may be written over. */
export interface StoreRepair {
  /**
   * All of it in one transaction, where the head is the one that was checked, and the row as it was; else `conflict`, and nothing was written. Entries are refused: a
   * Defect. Rejects with Fault `storage_failed`.
   */
  rewrite(
    checked: Head | undefined,
    rewrites: readonly Rewrite[],
    onlyIf?: Condition,
  ): Promise<'written' | 'conflict'>;
  close(): Promise<void>;
}
