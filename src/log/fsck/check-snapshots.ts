import { parseVerifierKey, type VerifierKey } from '../../kernel/verifier-key.js';
import type { LogEntry } from '../entry.js';
import { indexInKey } from '../index-rows.js';
import type { Blob, IndexRow } from '../port.js';
import { editionAfter, editionRow, snapshotFolder } from '../snapshot-keys.js';
import { blobsNamedBy, snapshotFault } from '../state-snapshot.js';
import type { StoreReading } from '../store-reading.js';
import type { Rewrite, StoreFinding, UnusedParts } from './finding.js';

/** Holds state snapshots against the log's key, their own digests and the stored tree. What they say is for the fold to check. */
export class SnapshotCheck {
  readonly findings: StoreFinding[] = [];
  readonly rewrites: Rewrite[] = [];
  readonly #store: StoreReading;
  readonly #key: VerifierKey | undefined;
  readonly #named = new Set<string>();
  #edition: string | undefined;
  #unused: UnusedParts = { blobs: 0, bytes: 0 };

  constructor(store: StoreReading, first: LogEntry | undefined) {
    this.#store = store;
    const key = first?.kind === 'genesis' ? parseVerifierKey(first.verifier_key) : undefined;
    this.#key = key?.ok === true ? key.value : undefined;
  }

  /** Whether a row is one of those that are checked here. */
  static has({ key, value }: IndexRow): boolean {
    return key.startsWith(snapshotFolder) || (key === editionRow && /^\d+$/.test(value));
  }

  /** One of more entries than `size`, which a writer may have kept meanwhile, is passed over; so is one that it dropped. */
  async row(row: IndexRow, size: number): Promise<void> {
    if (row.key === editionRow) this.#edition = row.value;
    if (this.#key === undefined || row.key === editionRow || indexInKey(row.key) > size) return;
    const fault = await snapshotFault(this.#store, row, this.#key);
    if (fault === undefined) {
      for (const key of (await blobsNamedBy(this.#store, row, this.#key)) ?? []) this.#named.add(key);
    } else if ((await this.#store.readIndex(row.key)) !== undefined) {
      this.findings.push({ code: 'snapshot_wrong', subject: row.key, message: fault });
      this.rewrites.push({ kind: 'row', key: row.key });
    }
  }

  /** A whole part, when all rows were seen. */
  part({ key, bytes }: Blob): void {
    if (this.unused === undefined || this.#named.has(key)) return;
    // Who is about to name it looks again.
    if (this.#unused.blobs === 0) this.rewrites.push({ kind: 'row', ...editionAfter(this.#edition) });
    this.#unused = { blobs: this.#unused.blobs + 1, bytes: this.#unused.bytes + bytes.length };
    this.rewrites.push({ kind: 'blob', key });
  }

  /** Parts that no row names; `undefined` where rows are not known, or a writer may be about to name them. */
  get unused(): UnusedParts | undefined {
    return this.#key === undefined || !this.#store.still ? undefined : this.#unused;
  }
}
