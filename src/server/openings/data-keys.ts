import { Fault } from '../../kernel/errors.js';
import type { MasterKey } from './master-key.js';
import { openBox, sealBox } from './sealed-box.js';
import type { VaultRow, VaultStore } from './vault-port.js';

export interface DataKey {
  readonly name: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** As the store has it, or is to have it. */
  readonly wrapped: Uint8Array;
}

const idBytes = 4;
const mostCached = 10_000;

/**
 * Data keys of a vault: drawn at random, kept under the master key, cached while the process runs. In a vault that others write to as well, a
 * cached key only seals, in commits on the condition that it is still there; whatever opens with a key looks for it first.
 */
export class DataKeys {
  readonly #store: VaultStore;
  readonly #master: MasterKey;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #cache = new Map<string, DataKey>();
  readonly #unsaved = new Map<string, VaultRow>();
  /** Counts what was forgotten: a key that was being read meanwhile may be one of them. */
  #forgotten = 0;

  constructor(store: VaultStore, master: MasterKey, random: (bytes: number) => Uint8Array) {
    this.#store = store;
    this.#master = master;
    this.#random = random;
  }

  /** The key of that name, a new one where there is none. A new one stays the same however often its commit fails. */
  async obtain(name: string): Promise<DataKey> {
    const cached = this.#cache.get(name);
    return cached ?? (await this.find(name)) ?? this.#cache.get(name) ?? this.#make(name);
  }

  /** `undefined`: there is none, or it was destroyed. */
  async find(name: string): Promise<DataKey | undefined> {
    for (;;) {
      const cached = this.#cache.get(name);
      if (cached !== undefined && this.#store.shared === undefined) return cached;
      const forgotten = this.#forgotten;
      const wrapped = await this.#store.readKey(name);
      if (forgotten !== this.#forgotten) continue;
      const now = this.#cache.get(name);
      if (this.#store.shared === undefined) {
        if (wrapped === undefined) return now;
        return now ?? this.#remember(this.#unwrapped(name, wrapped));
      }
      if (wrapped !== undefined && now !== undefined && Buffer.compare(now.wrapped, wrapped) === 0)
        return now;
      // Another process destroyed it, or made another. One of ours that is not saved yet stays for the commit that saves it.
      if (!this.#unsaved.has(name)) this.#cache.delete(name);
      if (wrapped === undefined) return undefined;
      return this.#unsaved.has(name)
        ? this.#unwrapped(name, wrapped)
        : this.#remember(this.#unwrapped(name, wrapped));
    }
  }

  /**
   * The row to be committed together with what the key seals, until a commit with it has resolved. To be asked for at the commit: one that was
   * saved since, and then destroyed by another process, must not come back.
   */
  unsavedRow({ name, wrapped }: DataKey): readonly VaultRow[] {
    const row = this.#unsaved.get(name);
    return row?.bytes === wrapped ? [row] : [];
  }

  saved({ name, wrapped }: DataKey): void {
    if (this.#unsaved.get(name)?.bytes === wrapped) this.#unsaved.delete(name);
  }

  /** Lets go of a key that is no longer the one of its name: another process destroyed it, or was first to make one. */
  moved({ name, wrapped }: DataKey): void {
    if (this.#cache.get(name)?.wrapped === wrapped) this.forget([name]);
  }

  /** Lets go of keys that are being destroyed. To be called before and after they are. */
  forget(names: readonly string[]): void {
    this.#forgotten += 1;
    for (const name of names) {
      this.#cache.delete(name);
      this.#unsaved.delete(name);
    }
  }

  /** Lets go of all that are saved: of those that others destroyed nothing is left here either. */
  forgetSaved(): void {
    this.forget([...this.#cache.keys()].filter((name) => !this.#unsaved.has(name)));
  }

  #make(name: string): DataKey {
    const bytes = Uint8Array.from(this.#random(32));
    const wrapped = wrapKey({ name, bytes }, this.#master, this.#random);
    this.#unsaved.set(name, { name, bytes: wrapped });
    return this.#remember({ name, bytes, wrapped });
  }

  #unwrapped(name: string, wrapped: Uint8Array): DataKey {
    return { name, bytes: unwrapKey(name, wrapped, this.#master), wrapped };
  }

  #remember(key: DataKey): DataKey {
    this.#cache.set(key.name, key);
    if (this.#cache.size > mostCached) this.#evict();
    return key;
  }

  #evict(): void {
    for (const oldest of this.#cache.keys()) {
      if (this.#unsaved.has(oldest)) continue;
      this.#cache.delete(oldest);
      return;
    }
  }
}

export function wrapKey(
  { name, bytes }: Pick<DataKey, 'name' | 'bytes'>,
  master: MasterKey,
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  return Buffer.concat([Buffer.from(master.id, 'hex'), sealBox(master.bytes, `key\n${name}`, bytes, random)]);
}

/** Throws Fault `vault_failed` that names both keys when it is under another one, or says that the wrapped key was changed. */
export function unwrapKey(name: string, wrapped: Uint8Array, master: MasterKey): Uint8Array {
  const under = wrappingKeyOf(wrapped);
  if (under !== master.id) {
    throw vaultFault(`The vault is under the vault key ${under}; the key given is ${master.id}.`);
  }
  const bytes = openBox(master.bytes, `key\n${name}`, wrapped.subarray(idBytes));
  if (bytes === undefined) throw vaultFault('A key of the vault does not open: it was changed on the disk.');
  return Uint8Array.from(bytes);
}

/** Id of the master key under which it is. */
export function wrappingKeyOf(wrapped: Uint8Array): string {
  return Buffer.from(wrapped.subarray(0, idBytes)).toString('hex');
}

export function vaultFault(message: string): Fault {
  return new Fault('vault_failed', message, { retryable: false });
}
