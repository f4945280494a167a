import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';

/** What the thread of a vault is asked. */
export type VaultCall =
  | { readonly name: 'commit'; readonly change: VaultChange }
  | { readonly name: 'read'; readonly row: string }
  | { readonly name: 'readKey'; readonly key: string }
  | { readonly name: 'scan' | 'scanKeys'; readonly range: VaultRange };

/** With bytes of their own: a view of a larger block of memory would take all of that block to the other thread. */
export function ownBytes(rows: readonly VaultRow[]): readonly VaultRow[] {
  return rows.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) }));
}

/** What the thread does with it. */
export async function performVaultCall(store: VaultStore, call: VaultCall): Promise<unknown> {
  switch (call.name) {
    case 'commit':
      return store.commit(call.change);
    case 'read':
      return own(await store.read(call.row));
    case 'readKey':
      return own(await store.readKey(call.key));
    case 'scan':
      return ownBytes(await store.scan(call.range));
    case 'scanKeys':
      return store.scanKeys(call.range);
    default:
      return call satisfies never;
  }
}

const own = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : Uint8Array.from(bytes);
