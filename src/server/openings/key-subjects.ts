import { canonicalBytes } from '../../kernel/canonical.js';
import { openRow, sealedRows } from './sealed-rows.js';
import { type VaultCore, writeAbout } from './vault-core.js';
import { credentialFolder, dataKeyName } from './vault-names.js';

interface StoredSubject {
  readonly tenant: string;
  readonly subject: string;
  readonly salt: string;
}

const pageRows = 500;

/** The subjects that API keys name: read whole at the start, since each request with such a key asks for one. */
export class KeySubjects {
  readonly #core: VaultCore;
  /** By the name of the row. */
  readonly #known = new Map<string, { readonly subject: string; readonly reference: string }>();

  /** How many there were: what was read before one may be gone. */
  #erasures = 0;

  private constructor(core: VaultCore) {
    this.#core = core;
  }

  static async open(core: VaultCore): Promise<KeySubjects> {
    const subjects = new KeySubjects(core);
    await subjects.#read();
    return subjects;
  }

  async put(key: string, stored: StoredSubject): Promise<void> {
    const { names, keys, random } = this.#core;
    const reference = names.subject(stored);
    const row = names.credential(key);
    let kept = false;
    const erasures = this.#erasures;
    await writeAbout(this.#core, [reference], new Map(), async (left) => {
      kept = left.has(reference);
      if (!kept) return undefined;
      const dataKey = await keys.obtain(dataKeyName(reference, 'credential', 0));
      return { puts: sealedRows(dataKey, row, canonicalBytes(stored), random), keys: [dataKey] };
    });
    if (!kept) return;
    if (erasures === this.#erasures) this.#known.set(row, { subject: stored.subject, reference });
    else await this.#readRow(row);
  }

  /** What other processes have said or erased about a key since, where there are others. */
  async refresh(key: string): Promise<void> {
    if (this.#core.store.shared !== undefined) await this.#readRow(this.#core.names.credential(key));
  }

  subjectOf(key: string): string | undefined {
    return this.#known.size === 0 ? undefined : this.#known.get(this.#core.names.credential(key))?.subject;
  }

  /** From now on no key names this subject. */
  forget(reference: string): void {
    this.#erasures += 1;
    for (const [row, known] of this.#known) if (known.reference === reference) this.#known.delete(row);
  }

  async #read(): Promise<void> {
    const { store } = this.#core;
    for (let after: string | undefined; ; ) {
      const rows = await store.scan({
        prefix: credentialFolder,
        limit: pageRows,
        ...(after === undefined ? {} : { after }),
      });
      for (const row of rows) this.#note(row.name, await openRow(this.#core, row));
      after = rows.at(-1)?.name;
      if (rows.length < pageRows) return;
    }
  }

  async #readRow(name: string): Promise<void> {
    for (;;) {
      const erasures = this.#erasures;
      const bytes = await this.#core.store.read(name);
      const text = bytes === undefined ? undefined : await openRow(this.#core, { name, bytes });
      if (erasures === this.#erasures) return this.#note(name, text);
    }
  }

  #note(row: string, text: string | undefined): void {
    if (text === undefined) {
      this.#known.delete(row);
      return;
    }
    const stored = JSON.parse(text) as StoredSubject;
    this.#known.set(row, { subject: stored.subject, reference: this.#core.names.subject(stored) });
  }
}
