import type { LogEntry } from './entry.js';
import { type DecisionFacts, type DecisionLookup, factsOf, indexFolder } from './index-rows.js';
import type { StoragePort } from './port.js';
import { readEntry } from './read-entry.js';

const mostRemembered = 16_384;

/** Facts of the decisions to which attempts and outcomes belong: remembered for the latest, read from the store for others. */
export class RecentDecisions {
  readonly #storage: StoragePort;
  readonly #recent = new Map<string, DecisionFacts>();

  constructor(storage: StoragePort) {
    this.#storage = storage;
  }

  /** A lookup for the rows of entries that come next, from index `from` on. One or two reads for each decision that is not remembered. */
  async lookupFor(entries: readonly LogEntry[], from: number): Promise<DecisionLookup> {
    const facts = new Map<string, DecisionFacts>();
    for (const [i, entry] of entries.entries()) {
      if (entry.kind === 'decision') facts.set(entry.certificate.id, factsOf(entry, from + i));
      if (entry.kind !== 'attempt' && entry.kind !== 'outcome') continue;
      const found =
        facts.get(entry.decision) ?? this.#recent.get(entry.decision) ?? (await this.#read(entry.decision));
      if (found !== undefined) facts.set(entry.decision, found);
    }
    return (id) => facts.get(id);
  }

  /** The same entries, once they are in the log there. */
  remember(entries: readonly LogEntry[], from: number): void {
    for (const [i, entry] of entries.entries()) {
      if (entry.kind !== 'decision') continue;
      this.#recent.set(entry.certificate.id, factsOf(entry, from + i));
      if (this.#recent.size > mostRemembered) this.#recent.delete(this.#recent.keys().next().value as string);
    }
  }

  async #read(id: string): Promise<DecisionFacts | undefined> {
    const index = await this.#storage.readIndex(`${indexFolder.decision}${id}`);
    const entry = index === undefined ? undefined : await readEntry(this.#storage, Number(index));
    return entry?.kind === 'decision' ? factsOf(entry, Number(index)) : undefined;
  }
}
