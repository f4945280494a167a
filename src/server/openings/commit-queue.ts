import type { VaultChange, VaultRow, VaultStore } from './vault-port.js';

interface Waiting {
  readonly change: VaultChange;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

const mostTogether = 512;

/** Group commit: what arrives while a commit is under way, or in the same turn of the event loop, shares the next one and its sync. */
export class CommitQueue {
  readonly #store: VaultStore;
  readonly #also: () => readonly VaultRow[];
  #waiting: Waiting[] = [];
  #running = false;
  /** Of the last commit. */
  #failed = false;

  /** `also` is asked for rows once a commit, just before it. */
  constructor(store: VaultStore, also: () => readonly VaultRow[]) {
    this.#store = store;
    this.#also = also;
  }

  /** Resolves when the change is as durable as the store makes it. Changes are committed in the order of the calls. */
  commit(change: VaultChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      void this.#drain();
    });
  }

  /** Shows, where the last commit failed, that the store takes commits again: by one without anything in it. */
  async check(): Promise<void> {
    if (this.#failed) await this.commit({});
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const together = this.#waiting.splice(0, mostTogether);
      try {
        await this.#store.commit(merged(together, this.#also()));
        this.#failed = false;
        for (const { resolve } of together) resolve();
      } catch (cause) {
        this.#failed = true;
        for (const { reject } of together) reject(cause);
      }
    }
    this.#running = false;
  }
}

function merged(waiting: readonly Waiting[], also: readonly VaultRow[]): VaultChange {
  const all = <K extends keyof VaultChange>(member: K) =>
    waiting.flatMap(({ change }) => (change[member] ?? []) as never[]);
  return {
    puts: [...all('puts'), ...also],
    deletes: all('deletes'),
    keys: all('keys'),
    destroyed: all('destroyed'),
  };
}
