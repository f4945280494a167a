import { isRead } from '../../log/fold.js';
import type { Replacement } from '../../replay/replacement.js';
import { threadModule } from '../../storage/store-thread.js';
import { AnsweringThread } from '../answering-thread.js';
import type { Step } from '../log/walk-log.js';
import type { Decided, Outcome, Stretch } from './worker-message.js';

/** Entries that are handed over at once, and how many times that may be under way. */
const stretchEntries = 256;
const mostUnderWay = 3;

type Thread = AnsweringThread<Stretch, Decided>;

/**
 * Decides the decisions of a log again on threads of their own. Each thread folds the log, so that it has the state before each, and decides every n-th of the
 * decisions. What they come to is given to `seen` in the order of the log, whichever thread was first. Memory of the entries that are under way.
 */
export class ReplayThreads {
  readonly #threads: readonly Thread[];
  readonly #seen: (outcome: Outcome) => void;
  readonly #underWay: Promise<readonly Outcome[]>[] = [];
  /** Each with whether the fold reads it. */
  #entries: { readonly bytes: Uint8Array; readonly read: boolean }[] = [];
  #decided: number[] = [];
  #first = 0;
  #failed = false;

  /** `seen` may throw: nothing is given to it after that. */
  constructor(count: number, replacement: Replacement, seen: (outcome: Outcome) => void) {
    this.#seen = seen;
    const module = threadModule(import.meta.url, 'cli/replay', 'worker');
    this.#threads = Array.from(
      { length: count },
      () => new AnsweringThread(module, 'a thread of the replay', replacement),
    );
  }

  /** The next entry of the log, from the first on; `again`: it is a decision to decide again. Where it gives a promise, wait for that. */
  take({ bytes, entry, index }: Step, again: boolean): Promise<void> | undefined {
    this.#entries.push({ bytes, read: isRead(entry) });
    if (again) this.#decided.push(index);
    if (this.#entries.length < stretchEntries) return undefined;
    this.#handOver();
    return this.#underWay.length > mostUnderWay ? this.#settle() : undefined;
  }

  /** Resolves when all that was taken was seen, or when something had failed before: whoever waited for that was told. */
  async end(): Promise<void> {
    if (this.#failed) return;
    this.#handOver();
    while (this.#underWay.length > 0) await this.#settle();
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #settle(): Promise<void> {
    try {
      for (const outcome of (await this.#underWay.shift()) ?? []) this.#seen(outcome);
    } catch (cause) {
      this.#failed = true;
      throw cause;
    }
  }

  #handOver(): void {
    const [entries, decided, first] = [this.#entries, this.#decided, this.#first];
    [this.#entries, this.#decided, this.#first] = [[], [], first + entries.length];
    const count = this.#threads.length;
    const asked = this.#threads.map((thread, at) => {
      const mine = new Set(decided.filter((_, i) => i % count === at));
      const needed = entries.map(({ bytes, read }, i) => (read || mine.has(first + i) ? bytes : undefined));
      return thread.ask((id) => ({ id, first, entries: needed, decided: [...mine] }));
    });
    const together = Promise.all(asked).then((answers) =>
      answers.flatMap(({ results }) => results).sort((a, b) => a.index - b.index),
    );
    // It is awaited in its turn; until then a rejection is not unhandled.
    together.catch(() => undefined);
    this.#underWay.push(together);
  }
}
