import { type Change, formatChange, statementOf } from '../../src/log/change-statement.js';
import { formatNote, parseNoteText } from '../../src/log/tlog/note.js';
import { type SigningKey, signingKeyOf } from '../../src/proofs/signing-key.js';

/** A signing key of that name whose seed is one byte 32 times. */
export function personOf(name: string, byte: number): SigningKey {
  const key = signingKeyOf(name, new Uint8Array(32).fill(byte));
  if (!key.ok) throw new Error(key.error.message);
  return key.value;
}

/** A note with that text and a signature of each of `keys`. */
export function signText(text: string, keys: readonly SigningKey[]): string {
  const signatures = keys.map((key) => ({
    name: key.name,
    hash: key.hash,
    bytes: key.sign(new TextEncoder().encode(text)),
  }));
  return formatNote({ text, signatures });
}

export function signChange(
  change: Change,
  { origin, expires }: { readonly origin: string; readonly expires: number },
  keys: readonly SigningKey[],
): string {
  return signText(formatChange(statementOf(change, origin, expires)), keys);
}

/** The note with a further signature of `key`. */
export function alsoSigned(note: string, key: SigningKey): string {
  const parsed = parseNoteText(note);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const added = parseNoteText(signText(parsed.value.text, [key]));
  if (!added.ok) throw new Error(added.error.message);
  return formatNote({
    text: parsed.value.text,
    signatures: [...parsed.value.signatures, ...added.value.signatures],
  });
}

/** As the header `x-caio-change` carries it. */
export const headerOf = (note: string): string => Buffer.from(note).toString('base64');
