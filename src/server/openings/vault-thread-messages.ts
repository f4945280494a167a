import type { ThreadFailure } from '../../log/drivers/thread-messages.js';
import type { VaultChange, VaultRange, VaultRow } from './vault-port.js';

/** What the thread of a vault begins with. */
export interface VaultThreadData {
  readonly folder: string;
  /** Of the claim on the folder. */
  readonly token: string;
}

/** What it is asked to do; `close` also ends the thread. */
export type VaultCall =
  | { readonly name: 'commit'; readonly change: VaultChange }
  | { readonly name: 'read'; readonly row: string }
  | { readonly name: 'readKey'; readonly key: string }
  | { readonly name: 'scan' | 'scanKeys'; readonly range: VaultRange }
  | { readonly name: 'close' };

export interface VaultAsked {
  readonly id: number;
  readonly call: VaultCall;
}

export type VaultAnswered =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: ThreadFailure };

/** First of all the thread says whether it has the vault. */
export type VaultOpened = { readonly opened: true } | { readonly failure: ThreadFailure };

/** With bytes of their own: a view of a larger block of memory would take all of that block to the other thread. */
export function ownBytes(rows: readonly VaultRow[]): readonly VaultRow[] {
  return rows.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) }));
}
