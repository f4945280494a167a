import { canonicalBytes } from '../../kernel/canonical.js';
import { digestFromBytes, hmacSha256 } from '../../kernel/digest.js';
import { err, ok, type Result } from '../../kernel/result.js';
import type { Author } from '../../log/entry.js';
import { type ErasureLog, type Intent, Intents } from './intents.js';
import type { KeySubjects } from './key-subjects.js';
import { expiredKeys, type Keep } from './retention.js';
import type { VaultCore } from './vault-core.js';
import { gateRow, holdRow } from './vault-names.js';

/** Whose, and asked for by whom. */
export interface AboutSubject {
  readonly of: { readonly tenant: string; readonly subject: string };
  readonly author: Author;
}

export interface Erased {
  /** How many openings are gone; 0 when nothing was kept about the subject: then nothing is recorded either. */
  readonly openings: number;
  readonly index?: number;
  /** Commitment to the subject in the log's entry. */
  readonly commitment?: string;
  /** What opens it, in hex: given to whoever asked and kept nowhere. Absent when an erasure that was cut short was finished. */
  readonly salt?: string;
}

export interface Hold {
  readonly commitment: string;
  /** Since when, microseconds since the epoch. */
  readonly since: number;
  readonly index?: number;
  readonly salt?: string;
}

export interface Expired {
  readonly retention: string;
  readonly openings: number;
  readonly index: number;
}

/** Author of what the sweeper does by itself. */
export const retentionAuthor: Author = { method: 'local', key_id: 'retention' };

/**
 * Erasure, legal hold and retention (log calculus, section 7): one at a time. Each destroys first and records then; what a crash or a fault cuts
 * short is carried on by `resume`. Rejects with Faults of vault and log.
 */
export class Erasures {
  readonly #core: VaultCore;
  readonly #subjects: KeySubjects;
  readonly #log: ErasureLog;
  readonly #intents: Intents;
  readonly #keep: Keep;
  readonly #time: () => number;
  #turn: Promise<unknown> = Promise.resolve();

  /** `time`: microseconds since the epoch. */
  constructor(core: VaultCore, subjects: KeySubjects, log: ErasureLog, keep: Keep, time: () => number) {
    this.#core = core;
    this.#subjects = subjects;
    this.#log = log;
    this.#intents = new Intents(core, log, time);
    this.#keep = keep;
    this.#time = time;
  }

  /** Destroys what is kept about a subject. `held`: a legal hold keeps it, and nothing was done. */
  erase({ of, author }: AboutSubject): Promise<Result<Erased, 'held'>> {
    return this.#inTurn(async () => {
      const subject = this.#core.names.subject(of);
      const prefix = `${subject}/`;
      const open = await this.#core.gates.close(subject);
      let passage: 'open' | 'erased' = 'open';
      try {
        if ((await this.#holdOf(subject)) !== undefined) return err('held');
        passage = 'erased';
        this.#subjects.forget(subject);
        const cut = (await this.#intents.pending()).find(({ prefixes }) => prefixes[0] === prefix);
        if (cut !== undefined) return ok(erasedBy(await this.#intents.resume(cut)));
        if (!(await this.#anything(prefix))) return ok({ openings: 0 });
        const { salt, commitment } = this.#commitTo(of.subject);
        const carried = await this.#intents.begin(
          this.#intent({
            action: 'erase',
            author,
            subject: commitment,
            prefixes: [prefix],
            releases: [gateRow(subject)],
          }),
          [{ name: gateRow(subject), bytes: new Uint8Array() }],
        );
        return ok({ ...erasedBy(carried), salt });
      } finally {
        open(passage);
      }
    });
  }

  /** Keeps what there is and will be about a subject from being erased or expired. Once more changes nothing. */
  hold({ of, author }: AboutSubject): Promise<Hold> {
    return this.#inTurn(async () => {
      const subject = this.#core.names.subject(of);
      await this.#finish();
      const held = await this.#holdOf(subject);
      if (held !== undefined) return held;
      const { salt, commitment } = this.#commitTo(of.subject);
      const hold: Hold = { commitment, since: this.#time() };
      const name = holdRow(subject);
      const bytes = this.#core.notes.seal(name, hold);
      const intent = this.#intent({ action: 'hold', author, subject: commitment });
      const { index } = await this.#intents.begin(intent, [{ name, bytes }]);
      return { ...hold, index, salt };
    });
  }

  /** Lifts a hold; `undefined` when there is none. It holds until its release is recorded. */
  release({ of, author }: AboutSubject): Promise<Hold | undefined> {
    return this.#inTurn(async () => {
      const subject = this.#core.names.subject(of);
      await this.#finish();
      const held = await this.#holdOf(subject);
      if (held === undefined) return undefined;
      const releases = [holdRow(subject)];
      const intent = this.#intent({ action: 'release', author, subject: held.commitment, releases });
      const { index } = await this.#intents.begin(intent);
      return { ...held, index };
    });
  }

  /** Destroys what its class does not let be kept any longer, but for held subjects. One entry a class and thousand keys. */
  expire(author: Author = retentionAuthor): Promise<readonly Expired[]> {
    return this.#inTurn(async () => {
      await this.#finish();
      const expired: Expired[] = [];
      for (const [retention, prefixes] of await expiredKeys(this.#core.store, this.#keep, this.#time())) {
        const free = await this.#withoutHolds(prefixes);
        if (free.length === 0) continue;
        const carried = await this.#intents.begin(
          this.#intent({ action: 'expire', author, retention, prefixes: free }),
        );
        expired.push({ retention, openings: carried.openings, index: carried.index });
      }
      return expired;
    });
  }

  /** Carries on what was cut short; how many there were. */
  resume(): Promise<number> {
    return this.#inTurn(() => this.#finish());
  }

  async #finish(): Promise<number> {
    const pending = await this.#intents.pending();
    for (const intent of pending) {
      const subject = intent.action === 'erase' ? intent.prefixes[0]?.slice(0, -1) : undefined;
      if (subject === undefined) {
        await this.#intents.resume(intent);
        continue;
      }
      const open = await this.#core.gates.close(subject);
      try {
        this.#subjects.forget(subject);
        await this.#intents.resume(intent);
      } finally {
        open('erased');
      }
    }
    return pending.length;
  }

  async #withoutHolds(prefixes: readonly string[]): Promise<readonly string[]> {
    const held = await Promise.all(prefixes.map((name) => this.#holdOf(name.slice(0, name.indexOf('/')))));
    return prefixes.filter((_, i) => held[i] === undefined);
  }

  async #holdOf(subject: string): Promise<Hold | undefined> {
    const name = holdRow(subject);
    const bytes = await this.#core.store.read(name);
    return bytes === undefined ? undefined : (this.#core.notes.open(name, bytes) as Hold);
  }

  async #anything(prefix: string): Promise<boolean> {
    const { store } = this.#core;
    const keys = await store.scanKeys({ prefix, limit: 1 });
    return keys.length > 0 || (await store.scan({ prefix: `k/${prefix}`, limit: 1 })).length > 0;
  }

  /** Nobody who reads the log can tell whom an entry is about, not even by trying names, without the salt. */
  #commitTo(subject: string): { readonly salt: string; readonly commitment: string } {
    const salt = this.#core.random(32);
    const commitment = digestFromBytes(hmacSha256(salt, canonicalBytes(subject)));
    return { salt: Buffer.from(salt).toString('hex'), commitment };
  }

  #intent(part: Pick<Intent, 'action' | 'author'> & Partial<Intent>): Intent {
    const row = this.#intents.newRow();
    return { prefixes: [], releases: [], openings: 0, size: this.#log.size, ...part, row };
  }

  /** An intent says where in the log its entry can stand: not before what others have recorded. */
  async #abreast<T>(act: () => Promise<T>): Promise<T> {
    await this.#log.refresh();
    return act();
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const { shared } = this.#core.store;
    const acting = (): Promise<T> => (shared === undefined ? act() : shared.inTurn(() => this.#abreast(act)));
    const done = this.#turn.then(acting, acting);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function erasedBy({ index, openings, subject }: Awaited<ReturnType<Intents['resume']>>): Erased {
  return { openings, index, ...(subject === undefined ? {} : { commitment: subject }) };
}
