import { decodeUtf8, encodeUtf8 } from '../../kernel/utf8.js';
import { type DataKey, vaultFault } from './data-keys.js';
import { openBox, sealBox } from './sealed-box.js';
import type { VaultCore } from './vault-core.js';
import { underKey } from './vault-names.js';
import type { VaultRow } from './vault-port.js';

/**
 * A row under a data key, and the row that finds it by its key. The box is bound to both names: a row that is put in the place of another, or
 * under another subject, does not open.
 */
export function sealedRows(
  key: DataKey,
  name: string,
  plain: Uint8Array,
  random: (bytes: number) => Uint8Array,
): readonly VaultRow[] {
  const box = sealBox(key.bytes, contextOf(key.name, name), plain, random);
  const named = encodeUtf8(key.name);
  return [
    { name, bytes: Buffer.concat([Buffer.of(named.length), named, box]) },
    { name: underKey(key.name, name), bytes: new Uint8Array() },
  ];
}

/** The text in a row; `undefined` when its key was destroyed. Throws Fault `vault_failed` when it was changed. */
export async function openRow({ keys }: VaultCore, { name, bytes }: VaultRow): Promise<string | undefined> {
  const { key: keyName, box } = splitRow(bytes);
  const key = await keys.find(keyName);
  if (key === undefined) return undefined;
  const plain = openBox(key.bytes, contextOf(keyName, name), box);
  const text = plain === undefined ? undefined : decodeUtf8(plain);
  if (text?.ok === true) return text.value;
  throw vaultFault('An opening of the vault does not open: it was changed on the disk.');
}

/** The name of the key that a row is under, and its box. */
export function splitRow(bytes: Uint8Array): { readonly key: string; readonly box: Uint8Array } {
  const end = 1 + (bytes[0] ?? 0);
  return { key: Buffer.from(bytes.subarray(1, end)).toString('latin1'), box: bytes.subarray(end) };
}

const contextOf = (key: string, row: string): string => `row\n${key}\n${row}`;
