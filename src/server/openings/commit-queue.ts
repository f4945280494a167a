import type { VaultChange, VaultCondition, VaultRow, VaultStore } from './vault-port.js';

interface Waiting {
  readonly change: VaultChange;
  /** Absent: made whatever is there. */
  readonly condition?: VaultCondition | undefined;
  readonly resolve: (made: boolean) => void;
  readonly reject: (cause: unknown) => void;
}

const mostTogether = 512;
/** Of one commit, unless a single change has more. Payloads may be among what is kept, of some megabytes each. */
const mostBytesTogether = 8 * 1024 * 1024;

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
  async commit(change: VaultChange): Promise<void> {
    await this.#enqueue(change);
  }

  /** Whether it was made: always, where this process has the store for itself, since nobody else changes what the condition is about. */
  commitIf(change: VaultChange, condition: VaultCondition): Promise<boolean> {
    return this.#enqueue(change, this.#store.shared === undefined ? undefined : condition);
  }

  /** Shows, where the last commit failed, that the store takes commits again: by one without anything in it. */
  async check(): Promise<void> {
    if (this.#failed) await this.commit({});
  }

  #enqueue(change: VaultChange, condition?: VaultCondition): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, condition, resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const together = this.#waiting.splice(0, this.#alike());
      try {
        const also = this.#also();
        if (await this.#make(together, also)) settle(together, true);
        else if (together.length === 1) settle(together, false);
        else await this.#oneByOne(together, also);
        this.#failed = false;
      } catch (cause) {
        this.#failed = true;
        for (const { reject } of together) reject(cause);
      }
    }
    this.#running = false;
  }

  /** How many of those in front are all conditional, or all not, and no more than fits into one commit. */
  #alike(): number {
    const first = this.#waiting[0]?.condition === undefined;
    let bytes = 0;
    const end = this.#waiting.findIndex(({ change, condition }, i) => {
      for (const put of change.puts ?? []) bytes += put.bytes.length;
      return i > 0 && (bytes > mostBytesTogether || (condition === undefined) !== first);
    });
    return Math.min(end === -1 ? this.#waiting.length : end, mostTogether);
  }

  /** One of them does not hold, which is nothing to the others. */
  async #oneByOne(together: readonly Waiting[], also: readonly VaultRow[]): Promise<void> {
    for (const each of together) settle([each], await this.#make([each], also));
  }

  async #make(together: readonly Waiting[], also: readonly VaultRow[]): Promise<boolean> {
    const change = merged(together, also);
    const { shared } = this.#store;
    if (shared === undefined || together[0]?.condition === undefined) {
      await this.#store.commit(change);
      return true;
    }
    return shared.commitIf(change, {
      keys: together.flatMap(({ condition }) => condition?.keys ?? []),
      present: together.flatMap(({ condition }) => condition?.present ?? []),
      absent: together.flatMap(({ condition }) => condition?.absent ?? []),
    });
  }
}

function settle(waiting: readonly Waiting[], made: boolean): void {
  for (const { resolve } of waiting) resolve(made);
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
