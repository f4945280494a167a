import { parseVerifierKey } from '../../kernel/verifier-key.js';
import { cosignedFault } from '../cosigned-row.js';
import type { LogEntry } from '../entry.js';
import type { IndexRow, StoragePort } from '../port.js';
import type { Rewrite, StoreFinding } from './finding.js';

/** Holds the cosigned checkpoint that instances show each other against the log's key and the stored tree. Whose cosignatures count is for its readers. */
export class CosignedCheck {
  readonly findings: StoreFinding[] = [];
  readonly rewrites: Rewrite[] = [];
  readonly #store: Pick<StoragePort, 'readBlob' | 'readBlobs'>;
  readonly #first: LogEntry | undefined;

  constructor(store: Pick<StoragePort, 'readBlob' | 'readBlobs'>, first: LogEntry | undefined) {
    this.#store = store;
    this.#first = first;
  }

  async row({ key, value }: IndexRow, size: number): Promise<void> {
    const logKey = this.#first?.kind === 'genesis' ? parseVerifierKey(this.#first.verifier_key) : undefined;
    if (logKey?.ok !== true) return;
    const fault = await cosignedFault(this.#store, value, logKey.value, size);
    if (fault === undefined) return;
    this.findings.push({ code: 'cosigned_wrong', subject: key, message: fault });
    this.rewrites.push({ kind: 'row', key });
  }
}
