import type { Author, ErasureEntry, LogEntry } from '../../log/entry.js';
import { entryType } from '../../log/entry.js';
import type { VaultCore } from './vault-core.js';
import { intentFolder, rowUnderKey } from './vault-names.js';

/** The part of the log that erasures need. */
export interface ErasureLog {
  readonly size: number;
  read(index: number): Promise<LogEntry | undefined>;
  appendEvents(entries: readonly ErasureEntry[]): Promise<{ readonly index: number }>;
  check(): Promise<void>;
  /** Reads what other processes have appended. */
  refresh(): Promise<void>;
}

/** What is about to be destroyed and recorded: durable before either begins, gone when both are done. */
export interface Intent {
  /** Row of the vault that holds it. */
  readonly row: string;
  readonly action: ErasureEntry['action'];
  readonly author: Author;
  /** Commitment to the subject, for all but `expire`. */
  readonly subject?: string;
  readonly retention?: string;
  /** Every key whose name begins with one of these, and every row under it, is destroyed. */
  readonly prefixes: readonly string[];
  /** Rows that are deleted when it is recorded: the hold that is lifted. */
  readonly releases: readonly string[];
  /** How many openings were destroyed so far. */
  readonly openings: number;
  /** Size of the log when it was made: its entry stands there or behind. */
  readonly size: number;
}

const chunk = 1000;

/** Carries intents out: destroys first, then records, so that no entry says what did not happen. */
export class Intents {
  readonly #core: VaultCore;
  readonly #log: ErasureLog;
  readonly #time: () => number;

  constructor(core: VaultCore, log: ErasureLog, time: () => number) {
    this.#core = core;
    this.#log = log;
    this.#time = time;
  }

  newRow(): string {
    return `${intentFolder}${Buffer.from(this.#core.random(16)).toString('hex')}`;
  }

  /** Makes it durable, with the rows that hold from then on, and carries it out. Resolves to what came of it. */
  async begin(
    intent: Intent,
    puts: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [],
  ): Promise<Carried> {
    await this.#core.queue.commit({ puts: [...puts, this.#rowOf(intent)] });
    return this.#carryOut(intent, false);
  }

  /** Those that were cut short, by a crash or a fault. */
  async pending(): Promise<readonly Intent[]> {
    const rows = await this.#core.store.scan({ prefix: intentFolder, limit: chunk });
    return rows.map(({ name, bytes }) => this.#core.notes.open(name, bytes) as Intent);
  }

  /** Carries out one that was cut short: destroys once more, and records unless it is recorded. */
  async resume(intent: Intent): Promise<Carried> {
    return this.#carryOut(intent, true);
  }

  async #carryOut(intent: Intent, again: boolean): Promise<Carried> {
    const destroyed = await this.#destroy(intent);
    const index = (again ? await this.#recorded(intent) : undefined) ?? (await this.#record(destroyed));
    await this.#core.queue.commit({ deletes: [intent.row, ...intent.releases] });
    return {
      index,
      openings: destroyed.openings,
      ...(intent.subject === undefined ? {} : { subject: intent.subject }),
    };
  }

  async #destroy(intent: Intent): Promise<Intent> {
    const { queue, keys } = this.#core;
    for await (const names of portions(this.#keysUnder(intent.prefixes))) {
      keys.forget(names);
      await queue.commit({ destroyed: names });
      keys.forget(names);
    }
    let current = intent;
    for await (const names of portions(this.#rowsUnder(intent.prefixes))) {
      const deletes = names.flatMap((name) => [name, rowUnderKey(name)]);
      current = { ...current, openings: current.openings + names.length };
      await queue.commit({ deletes, puts: [this.#rowOf(current)] });
    }
    return current;
  }

  async *#keysUnder(prefixes: readonly string[]): AsyncGenerator<string> {
    for (const prefix of prefixes) {
      yield* pages((range) => this.#core.store.scanKeys({ prefix, ...range }));
    }
  }

  async *#rowsUnder(prefixes: readonly string[]): AsyncGenerator<string> {
    for (const prefix of prefixes) {
      yield* pages(async (range) => {
        const rows = await this.#core.store.scan({ prefix: `k/${prefix}`, ...range });
        return rows.map(({ name }) => name);
      });
    }
  }

  async #record({ action, author, subject, retention, openings }: Intent): Promise<number> {
    // Whoever has the turn now may have carried it out.
    await this.#core.store.shared?.checkTurn();
    const counted = action === 'erase' || action === 'expire';
    const { index } = await this.#log.appendEvents([
      {
        type: entryType,
        kind: 'erasure',
        time: this.#time(),
        author,
        action,
        ...(subject === undefined ? {} : { subject }),
        ...(retention === undefined ? {} : { retention }),
        ...(counted ? { openings } : {}),
      },
    ]);
    return index;
  }

  /** Where it stands in the log. Erasures of a vault are carried out one after the other, so none but its own entry says the same. */
  async #recorded(intent: Intent): Promise<number | undefined> {
    await this.#log.check();
    if (this.#core.store.shared !== undefined) await this.#log.refresh();
    for (let index = intent.size; index < this.#log.size; index += 1) {
      const entry = await this.#log.read(index);
      if (entry?.kind === 'erasure' && says(entry, intent)) return index;
    }
    return undefined;
  }

  #rowOf(intent: Intent): { readonly name: string; readonly bytes: Uint8Array } {
    return { name: intent.row, bytes: this.#core.notes.seal(intent.row, intent) };
  }
}

type Page = { readonly after?: string; readonly limit: number };

/** All names, a page at a time. What is deleted meanwhile does not disturb it: each page begins behind the one before. */
async function* pages(read: (page: Page) => Promise<readonly string[]>): AsyncGenerator<string> {
  for (let after: string | undefined; ; ) {
    const names = await read({ limit: chunk, ...(after === undefined ? {} : { after }) });
    yield* names;
    if (names.length < chunk) return;
    after = names.at(-1);
  }
}

/** So many at a time that a commit stays small. */
async function* portions(names: AsyncGenerator<string>): AsyncGenerator<readonly string[]> {
  let portion: string[] = [];
  for await (const name of names) {
    portion.push(name);
    if (portion.length < chunk) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

export interface Carried {
  /** Index of its entry. */
  readonly index: number;
  readonly openings: number;
  readonly subject?: string;
}

function says(entry: ErasureEntry, { action, subject, retention, openings }: Intent): boolean {
  if (entry.action !== action || entry.subject !== subject || entry.retention !== retention) return false;
  return subject !== undefined || entry.openings === openings;
}
