import { canonicalBytes } from '../../kernel/canonical.js';
import { openRow, sealedRows } from './sealed-rows.js';
import type { VaultCore } from './vault-core.js';
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

  private constructor(core: VaultCore) {
    this.#core = core;
  }

  static async open(core: VaultCore): Promise<KeySubjects> {
    const subjects = new KeySubjects(core);
    await subjects.#read();
    return subjects;
  }

  async put(key: string, stored: StoredSubject): Promise<void> {
    const { names, gates, keys, queue, random } = this.#core;
    const reference = names.subject(stored);
    await gates.pass([reference], async (left) => {
      if (!left.has(reference)) return;
      const row = names.credential(key);
      const dataKey = await keys.obtain(dataKeyName(reference, 'credential', 0));
      await queue.commit({
        puts: sealedRows(dataKey, row, canonicalBytes(stored), random),
        keys: dataKey.unsaved === undefined ? [] : [dataKey.unsaved],
      });
      keys.saved(dataKey.name);
      this.#known.set(row, { subject: stored.subject, reference });
    });
  }

  subjectOf(key: string): string | undefined {
    return this.#known.size === 0 ? undefined : this.#known.get(this.#core.names.credential(key))?.subject;
  }

  /** From now on no key names this subject. */
  forget(reference: string): void {
    for (const [row, known] of this.#known) if (known.reference === reference) this.#known.delete(row);
  }

  async #read(): Promise<void> {
    const { store, names } = this.#core;
    for (let after: string | undefined; ; ) {
      const rows = await store.scan({
        prefix: credentialFolder,
        limit: pageRows,
        ...(after === undefined ? {} : { after }),
      });
      for (const row of rows) {
        const text = await openRow(this.#core, row);
        if (text === undefined) continue;
        const stored = JSON.parse(text) as StoredSubject;
        this.#known.set(row.name, { subject: stored.subject, reference: names.subject(stored) });
      }
      after = rows.at(-1)?.name;
      if (rows.length < pageRows) return;
    }
  }
}
