import type { LogEntry } from '../entry.js';
import { decodeEntry } from '../entry-codec.js';
import { type DecisionFacts, entryKey, factsOf, indexFolder, indexInKey, indexRows } from '../index-rows.js';
import type { IndexRow, StoragePort } from '../port.js';
import type { Rewrite, StoreFinding } from './finding.js';

type Reading = Pick<StoragePort, 'readBlob' | 'readIndex' | 'scanIndex'>;

/** Holds the rows of the projection against the entries that make them, from both sides. Memory of one fact a decision, and of the differences. */
export class RowCheck {
  readonly findings: StoreFinding[] = [];
  readonly rewrites: Rewrite[] = [];
  readonly #store: Reading;
  readonly #decided = new Map<string, DecisionFacts>();
  /** Keys of rows that were found to be wrong already. */
  readonly #wrong = new Set<string>();

  constructor(store: Reading) {
    this.#store = store;
  }

  /** That the rows of an entry are there. Entries come in order. */
  async entry(entry: LogEntry, index: number): Promise<void> {
    if (entry.kind === 'decision') this.#decided.set(entry.certificate.id, factsOf(entry, index));
    for (const { key, value } of this.#rowsOf(entry, index)) {
      const stored = await this.#store.readIndex(key);
      if (stored === value) continue;
      const code = stored === undefined ? 'row_missing' : 'row_wrong';
      const message = `entry ${index} makes it ${stored === undefined ? 'and it is not there' : 'otherwise'}`;
      this.findings.push({ code, subject: key, message });
      this.#wrong.add(key);
      this.rewrites.push({ kind: 'row', key, value });
    }
  }

  /** That an entry below `size` makes a row that is there; call it when all entries were seen. Rows of entries from `size` on are passed over. */
  async row(row: IndexRow, size: number): Promise<void> {
    if (this.#wrong.has(row.key)) return;
    const index = row.key.startsWith(indexFolder.decision) ? Number(row.value) : indexInKey(row.key);
    if (index >= size) return;
    if (Number.isSafeInteger(index) && (await this.#makes(index, row))) return;
    const events = await this.#store.scanIndex({ folder: indexFolder.trace(row.value), limit: 1000 });
    for (const { key } of row.key.startsWith('traces/') ? events : []) {
      if (await this.#makes(indexInKey(key), row)) return;
    }
    this.findings.push({ code: 'row_unknown', subject: row.key, message: 'no entry makes it' });
    this.rewrites.push({ kind: 'row', key: row.key });
  }

  async #makes(index: number, row: IndexRow): Promise<boolean> {
    const bytes = await this.#store.readBlob(entryKey(index));
    if (bytes === undefined) return false;
    const rows = this.#rowsOf(decodeEntry(bytes, index), index);
    return rows.some(({ key, value }) => key === row.key && value === row.value);
  }

  #rowsOf(entry: LogEntry, index: number): readonly IndexRow[] {
    return indexRows(entry, index, (id) => this.#decided.get(id));
  }
}
