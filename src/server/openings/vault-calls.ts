import type { VaultChange, VaultRange, VaultRow } from './vault-port.js';

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
