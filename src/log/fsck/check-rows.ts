import type { LogEntry } from '../entry.js';
import { decodeEntry } from '../entry-codec.js';
import { type DecisionFacts, entryKey, factsOf, indexFolder, indexInKey, indexRows } from '../index-rows.js';
import type { IndexRow } from '../port.js';
import type { StoreReading } from '../store-reading.js';
import type { Rewrite, StoreFinding } from './finding.js';

type Reading = Pick<StoreReading, 'readBlobs' | 'readRows' | 'scanIndex'>;

/** A row, and the entries that could have made it. */
interface Doubted {
  readonly row: IndexRow;
  readonly indices: readonly number[];
}

/**
 * Holds the rows of the projection against the entries that make them, from both sides. Memory of one fact a decision, one number an attempt or
 * outcome, and of the differences.
 */
export class RowCheck {
  readonly findings: StoreFinding[] = [];
  readonly rewrites: Rewrite[] = [];
  readonly #store: Reading;
  readonly #decided = new Map<string, DecisionFacts>();
  /** Where attempts and outcomes of a decision stand. */
  readonly #events = new Map<string, number[]>();
  /** Keys of rows that were found to be wrong already. */
  readonly #wrong = new Set<string>();
  #expected: { readonly row: IndexRow; readonly index: number }[] = [];

  constructor(store: Reading) {
    this.#store = store;
  }

  /** The next entry; `compare` then says whether its rows are there. */
  entry(entry: LogEntry, index: number): void {
    if (entry.kind === 'decision') this.#decided.set(entry.certificate.id, factsOf(entry, index));
    if (entry.kind === 'attempt' || entry.kind === 'outcome') {
      const events = this.#events.get(entry.decision);
      if (events === undefined) this.#events.set(entry.decision, [index]);
      else events.push(index);
    }
    this.#expected.push(...this.#rowsOf(entry, index).map((row) => ({ row, index })));
  }

  /** That the rows of the entries since the last call are there. */
  async compare(): Promise<void> {
    const expected = this.#expected;
    this.#expected = [];
    const found = await this.#store.readRows(expected.map(({ row }) => row.key));
    for (const [i, { row, index }] of expected.entries()) {
      const { key, value } = row;
      const stored = found[i];
      if (stored === value || this.#wrong.has(key)) continue;
      const code = stored === undefined ? 'row_missing' : 'row_wrong';
      const message = `entry ${index} makes it ${stored === undefined ? 'and it is not there' : 'otherwise'}`;
      this.findings.push({ code, subject: key, message });
      this.#wrong.add(key);
      this.rewrites.push({ kind: 'row', key, value });
    }
  }

  /**
   * That entries below `size` make the rows that are there; call it when all entries were seen. Rows of entries from `size` on are passed over.
   */
  async rows(rows: readonly IndexRow[], size: number): Promise<void> {
    const doubted = rows
      .filter(({ key }) => !this.#wrong.has(key))
      .map((row) => ({ row, indices: [indexOf(row)] }))
      .filter(({ indices: [index] }) => !((index as number) >= size));
    const ofNoEntry = await this.#unmade(doubted);
    // What came to a decision later makes rows at its place.
    const ofTraces = ofNoEntry.filter(({ key }) => key.startsWith('traces/'));
    const ofNoEvent = await this.#unmade(
      ofTraces.map((row) => ({ row, indices: this.#events.get(row.value) ?? [] })),
    );
    const unknown = [...ofNoEntry.filter(({ key }) => !key.startsWith('traces/'))];
    for (const row of ofNoEvent) {
      // By an event that was committed since the head was read.
      const events = await this.#store.scanIndex({ folder: indexFolder.trace(row.value), limit: 1000 });
      unknown.push(...(await this.#unmade([{ row, indices: events.map(({ key }) => indexInKey(key)) }])));
    }
    for (const { key } of unknown) {
      this.findings.push({ code: 'row_unknown', subject: key, message: 'no entry makes it' });
      this.rewrites.push({ kind: 'row', key });
    }
  }

  /** The rows that none of their entries makes. */
  async #unmade(doubted: readonly Doubted[]): Promise<readonly IndexRow[]> {
    const indices = [...new Set(doubted.flatMap((each) => each.indices))].filter(Number.isSafeInteger);
    const found = await this.#store.readBlobs(indices.map(entryKey));
    const made = new Map<number, readonly IndexRow[]>();
    for (const [i, index] of indices.entries()) {
      const bytes = found[i];
      if (bytes !== undefined) made.set(index, this.#rowsOf(decodeEntry(bytes, index), index));
    }
    const isMade = ({ row, indices: by }: Doubted): boolean =>
      by.some((index) => made.get(index)?.some(({ key, value }) => key === row.key && value === row.value));
    return doubted.filter((each) => !isMade(each)).map(({ row }) => row);
  }

  #rowsOf(entry: LogEntry, index: number): readonly IndexRow[] {
    return indexRows(entry, index, (id) => this.#decided.get(id));
  }
}

function indexOf({ key, value }: IndexRow): number {
  return key.startsWith(indexFolder.decision) ? Number(value) : indexInKey(key);
}
