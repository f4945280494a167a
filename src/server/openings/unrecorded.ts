import type { Notes } from './notes.js';
import type { VaultRow } from './vault-port.js';

const row = 'u/decisions';

/**
 * The decisions whose openings are durable and which are not known to be in the log yet. Each commit writes the list anew, so that after a crash
 * the ones that never got there are known, and what was kept for them can be destroyed.
 */
export class UnrecordedDecisions {
  readonly #notes: Notes;
  readonly #ids = new Set<string>();
  #seen: ReadonlySet<string> = new Set();
  #written = true;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  add(decision: string): void {
    this.#ids.add(decision);
    this.#written = false;
  }

  remove(decision: string): void {
    // Not worth a commit of its own: one that is in the log is told from one that is not when the list is read.
    this.#ids.delete(decision);
  }

  rows(): readonly VaultRow[] {
    if (this.#written) return [];
    this.#written = true;
    return [{ name: row, bytes: this.#notes.seal(row, [...this.#ids]) }];
  }

  /** Those that were there at the last call already: their fate is settled by now, and nobody said what it was. */
  doubtful(): readonly string[] {
    const doubtful = [...this.#ids].filter((id) => this.#seen.has(id));
    this.#seen = new Set(this.#ids);
    return doubtful;
  }

  /** As the last commit of an earlier process left it. */
  async left(read: (name: string) => Promise<Uint8Array | undefined>): Promise<readonly string[]> {
    const bytes = await read(row);
    return bytes === undefined ? [] : (this.#notes.open(row, bytes) as readonly string[]);
  }
}
