import { canonicalBytes } from '../../kernel/canonical.js';
import { Fault } from '../../kernel/errors.js';
import type { DataKey } from './data-keys.js';
import type { KeySubjects } from './key-subjects.js';
import type { FoundOpenings, KeptOpenings, NamedOpenings, Opening, OpeningStore } from './opening-store.js';
import { openRow, sealedRows, splitRow } from './sealed-rows.js';
import { type VaultCore, writeAbout } from './vault-core.js';
import { dataKeyName, dayOf, parseDataKeyName, underKey } from './vault-names.js';
import type { VaultRow } from './vault-port.js';

/** More names than one decision can seal. */
const mostNames = 1000;
/** Decisions whose openings may wait to be written, as many as the log lets wait. */
const mostAhead = 4096;

interface StoredOpening extends Opening {
  /** Who may have it back, as the names of a vault say it. */
  readonly owner: string;
}

/** The openings of a vault. One row an opening, under the key of the subject that it is about. */
export class VaultOpenings implements OpeningStore {
  readonly keepsPayloads: boolean;
  readonly #core: VaultCore;
  readonly #subjects: KeySubjects;
  /** How many `putAhead` are under way. */
  #ahead = 0;

  constructor(core: VaultCore, subjects: KeySubjects, keepsPayloads: boolean) {
    this.keepsPayloads = keepsPayloads;
    this.#core = core;
    this.#subjects = subjects;
  }

  put(kept: KeptOpenings): Promise<void> {
    const { names } = this.#core;
    const { tenant } = kept;
    const caller = names.subject({ tenant, subject: kept.callerSubject });
    const data = names.subject({ tenant, subject: kept.subject ?? kept.callerSubject });
    const about = (name: string): string => (name === 'caller.subject' ? caller : data);
    const concerned = new Set(Object.keys(kept.openings).map(about));
    const { callerKey } = kept;
    const because = new Map(callerKey === undefined ? [] : [[caller, names.credential(callerKey)]]);
    return writeAbout(this.#core, [...concerned], because, async (left) => {
      const changes = await Promise.all(
        Object.entries(kept.openings)
          .filter(([name]) => left.has(about(name)))
          .map(([name, opening]) => this.#rowsOf(kept, about(name), name, opening)),
      );
      return { puts: changes.flatMap(({ rows }) => rows), keys: changes.map(({ key }) => key) };
    });
  }

  async putAhead(kept: KeptOpenings): Promise<void> {
    if (this.#ahead >= mostAhead) {
      const message = 'The vault takes no more until what waits for it is written.';
      throw new Fault('unavailable', message, { retryable: true });
    }
    this.#ahead += 1;
    try {
      this.#core.unrecorded.add(kept.decision);
      await this.put(kept);
    } finally {
      this.#ahead -= 1;
    }
  }

  async putBeside(decision: string, beside: string, name: string, opening: Opening): Promise<void> {
    const { store, names, keys, random } = this.#core;
    const folder = names.decision(decision);
    const row = { name: `${folder}${beside}`, bytes: await store.read(`${folder}${beside}`) };
    if (row.bytes === undefined) return;
    const { key: keyName } = splitRow(row.bytes);
    const subject = parseDataKeyName(keyName)?.subject ?? '';
    const besides = { name: row.name, bytes: row.bytes };
    await writeAbout(this.#core, [subject], new Map(), async (left) => {
      const stored = left.has(subject) ? await this.#opened(besides) : undefined;
      const key = await keys.find(keyName);
      if (stored === undefined || key === undefined) return undefined;
      const added: StoredOpening = { ...opening, owner: stored.owner };
      return { puts: sealedRows(key, `${folder}${name}`, canonicalBytes(added), random), keys: [key] };
    });
  }

  recorded(decision: string): void {
    this.#core.unrecorded.remove(decision);
  }

  async drop(decision: string): Promise<void> {
    const { store, queue, names, unrecorded } = this.#core;
    const rows = await store.scan({ prefix: names.decision(decision), limit: mostNames });
    const deletes = rows.flatMap(({ name, bytes }) => [name, underKey(splitRow(bytes).key, name)]);
    if (deletes.length > 0) await queue.commit({ deletes });
    unrecorded.remove(decision);
  }

  async find(decision: string, owner: string): Promise<FoundOpenings> {
    const { store, names } = this.#core;
    const folder = names.decision(decision);
    const rows = await store.scan({ prefix: folder, limit: mostNames });
    const opened = await Promise.all(
      rows.map(async (row) => ({ name: row.name.slice(folder.length), stored: await this.#opened(row) })),
    );
    const whole = opened.flatMap(({ name, stored }) => (stored === undefined ? [] : [{ name, stored }]));
    const reference = names.owner(owner);
    const own = whole.filter(({ stored }) => stored.owner === reference);
    const left = whole.map(({ name }) => name);
    return own.length === 0 ? { left } : { left, own: namedOpenings(own) };
  }

  async putSubject(
    key: string,
    opening: { readonly tenant: string; readonly subject: string; readonly salt: string },
  ): Promise<void> {
    await this.#subjects.put(key, opening);
  }

  readSubject(key: string): Promise<void> {
    return this.#subjects.refresh(key);
  }

  subjectOf(key: string): string | undefined {
    return this.#subjects.subjectOf(key);
  }

  async #rowsOf(
    { decision, owner, classification, time }: KeptOpenings,
    subject: string,
    name: string,
    opening: Opening,
  ): Promise<{ readonly key: DataKey; readonly rows: readonly VaultRow[] }> {
    const { names, keys, random } = this.#core;
    const stored: StoredOpening = { ...opening, owner: names.owner(owner) };
    const row = `${names.decision(decision)}${name}`;
    const key = await keys.obtain(dataKeyName(subject, classification, dayOf(time)));
    return { key, rows: sealedRows(key, row, canonicalBytes(stored), random) };
  }

  async #opened(row: VaultRow): Promise<StoredOpening | undefined> {
    const plain = await openRow(this.#core, row);
    return plain === undefined ? undefined : (JSON.parse(plain) as StoredOpening);
  }
}

function namedOpenings(
  own: readonly { readonly name: string; readonly stored: StoredOpening }[],
): NamedOpenings {
  return Object.fromEntries(
    own.map(({ name, stored: { owner: _, ...opening } }): [string, Opening] => [name, opening]),
  );
}
