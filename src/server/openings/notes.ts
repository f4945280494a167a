import { canonicalBytes } from '../../kernel/canonical.js';
import { decodeUtf8 } from '../../kernel/utf8.js';
import { vaultFault } from './data-keys.js';
import { openBox, sealBox } from './sealed-box.js';

/** Seals rows that are no openings (intents, holds, decisions on their way) under the vault's own key. */
export interface Notes {
  seal(name: string, value: unknown): Uint8Array;
  open(name: string, bytes: Uint8Array): unknown;
}

export function notesUnder(rootKey: Uint8Array, random: (bytes: number) => Uint8Array): Notes {
  const context = (name: string): string => `note\n${name}`;
  return {
    seal: (name, value) => sealBox(rootKey, context(name), canonicalBytes(value), random),
    open: (name, bytes) => {
      const plain = openBox(rootKey, context(name), bytes);
      const text = plain === undefined ? undefined : decodeUtf8(plain);
      if (text?.ok !== true) throw vaultFault(`The row ${name} of the vault does not open: it was changed.`);
      return JSON.parse(text.value);
    },
  };
}
