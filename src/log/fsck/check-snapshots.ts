import { parseVerifierKey, type VerifierKey } from '../../kernel/verifier-key.js';
import type { LogEntry } from '../entry.js';
import { indexInKey } from '../index-rows.js';
import type { IndexRow, StoragePort } from '../port.js';
import { snapshotFault } from '../state-snapshot.js';
import type { Rewrite, StoreFinding } from './finding.js';

/** Holds state snapshots against the log's key, their own digests and the stored tree. What they say is for the fold to check. */
export class SnapshotCheck {
  readonly findings: StoreFinding[] = [];
  readonly rewrites: Rewrite[] = [];
  readonly #store: Pick<StoragePort, 'readBlob' | 'readBlobs'>;
  readonly #key: VerifierKey | undefined;

  constructor(store: Pick<StoragePort, 'readBlob' | 'readBlobs'>, first: LogEntry | undefined) {
    this.#store = store;
    const key = first?.kind === 'genesis' ? parseVerifierKey(first.verifier_key) : undefined;
    this.#key = key?.ok === true ? key.value : undefined;
  }

  /** One of more entries than `size`, which a writer may have kept meanwhile, is passed over. */
  async row(row: IndexRow, size: number): Promise<void> {
    if (indexInKey(row.key) > size || this.#key === undefined) return;
    const fault = await snapshotFault(this.#store, row, this.#key);
    if (fault === undefined) return;
    this.findings.push({ code: 'snapshot_wrong', subject: row.key, message: fault });
    this.rewrites.push({ kind: 'row', key: row.key });
  }
}
