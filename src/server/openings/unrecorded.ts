import type { Notes } from './notes.js';
import type { VaultRow, VaultStore } from './vault-port.js';

const folder = 'u/';
const ownRow = `${folder}decisions`;
/** No decision is under way for so long: one that is listed since then and not in the log never gets there. */
const staleMicros = 3600 * 1_000_000;
const mostRows = 1000;

/** One of several processes that have a vault open. */
export interface Instance {
  readonly id: string;
  /** Microseconds since the epoch. */
  readonly time: () => number;
}

interface Listed {
  /** When it was written, microseconds since the epoch. */
  readonly time: number;
  readonly decisions: readonly string[];
}

/**
 * The decisions whose openings are durable and which are not known to be in the log yet. Each commit writes the list anew, so that after a crash
 * the ones that never got there are known, and what was kept for them can be destroyed. Of several processes each has a list of its own, which
 * the others look at once it is an hour old: whoever wrote it has decided since, or is gone.
 */
export class UnrecordedDecisions {
  readonly #notes: Notes;
  readonly #instance: Instance | undefined;
  readonly #ids = new Set<string>();
  #seen: ReadonlySet<string> = new Set();
  #written = true;

  /** `instance`: absent where this process has the vault for itself. */
  constructor(notes: Notes, instance?: Instance) {
    this.#notes = notes;
    this.#instance = instance;
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
    const decisions = [...this.#ids];
    if (this.#instance === undefined) return [{ name: ownRow, bytes: this.#notes.seal(ownRow, decisions) }];
    const { id, time } = this.#instance;
    const name = `${folder}${id}`;
    return [{ name, bytes: this.#notes.seal(name, { time: time(), decisions } satisfies Listed) }];
  }

  /** The list that was given last may not have been written. */
  rewrite(): void {
    if (this.#ids.size > 0) this.#written = false;
  }

  /** Those that were there at the last call already: their fate is settled by now, and nobody said what it was. */
  doubtful(): readonly string[] {
    const doubtful = [...this.#ids].filter((id) => this.#seen.has(id));
    this.#seen = new Set(this.#ids);
    return doubtful;
  }

  /** As the last commits of processes that are gone left them, with the rows they stand in. */
  async left(
    store: VaultStore,
  ): Promise<{ readonly decisions: readonly string[]; readonly rows: readonly string[] }> {
    if (this.#instance === undefined) {
      const bytes = await store.read(ownRow);
      return {
        decisions: bytes === undefined ? [] : (this.#notes.open(ownRow, bytes) as string[]),
        rows: [],
      };
    }
    const { id, time } = this.#instance;
    const lists = (await store.scan({ prefix: folder, limit: mostRows })).map(({ name, bytes }) => ({
      name,
      listed: this.#notes.open(name, bytes) as Listed,
    }));
    const old = lists.filter(
      ({ name, listed }) => name !== `${folder}${id}` && listed.time + staleMicros <= time(),
    );
    return {
      decisions: old.flatMap(({ listed }) => listed.decisions),
      rows: old.map(({ name }) => name),
    };
  }
}
