/** What can be wrong with a store. */
export type FindingCode =
  | 'head_unreadable'
  /** The store does not hold its blobs as it has to: what is read of it may be anything. */
  | 'store_malformed'
  /** The entries hash to another root than the head's, and so do the stored hashes: which of them is right cannot be told from here. */
  | 'root_wrong'
  | 'entry_missing'
  /** Not the bytes that were hashed. */
  | 'entry_changed'
  /** Not an entry, or not its canonical bytes. */
  | 'entry_malformed'
  /** The fold refuses it where it stands. */
  | 'entry_cannot_stand'
  | 'hash_missing'
  | 'hash_wrong'
  | 'tile_missing'
  | 'tile_wrong'
  | 'row_missing'
  | 'row_wrong'
  /** A row that no entry makes. */
  | 'row_unknown'
  /** A state snapshot that no start would go on from. */
  | 'snapshot_wrong'
  /** What instances show each other as cosigned is no checkpoint of this log. */
  | 'cosigned_wrong'
  /** Belongs to nothing that the log has. */
  | 'blob_unknown';

/** Whole parts of state snapshots that no snapshot names: a kill left them, and the next snapshot drops them. Nothing is wrong with them. */
export interface UnusedParts {
  readonly blobs: number;
  readonly bytes: number;
}

export interface StoreFinding {
  readonly code: FindingCode;
  /** The key of the blob or row, or `head`. */
  readonly subject: string;
  readonly message: string;
}

/** What is derived from the entries can be derived again; entries, head and what nobody knows cannot. */
export const isRepairable: { readonly [Code in FindingCode]: boolean } = {
  head_unreadable: false,
  store_malformed: false,
  root_wrong: false,
  entry_missing: false,
  entry_changed: false,
  entry_malformed: false,
  entry_cannot_stand: false,
  hash_missing: true,
  hash_wrong: true,
  tile_missing: true,
  tile_wrong: true,
  row_missing: true,
  row_wrong: true,
  row_unknown: true,
  snapshot_wrong: true,
  cosigned_wrong: true,
  blob_unknown: false,
};

/** A derived blob or row as it should be; without bytes or value it should not be. */
export type Rewrite =
  | { readonly kind: 'blob'; readonly key: string; readonly bytes?: Uint8Array }
  | { readonly kind: 'row'; readonly key: string; readonly value?: string };
