// Generated from notebooks/math/07_transparency_log.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { fromBase64 } from './base64.js';
import { utf8 } from './canonical.js';
import { demand, LogFalsehood } from './log-falsehood.js';
import { concat, sha256, toHex } from './sha256.js';

/** 1: Ed25519 over the text. 4: Ed25519 over a time and the text (C2SP tlog-cosignature). */
export type NoteAlgorithm = 1 | 4;

export interface NoteKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly hash: string;
  readonly algorithm: NoteAlgorithm;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly hash: string;
  /** What follows the four bytes of the hash. */
  readonly bytes: Uint8Array;
}

export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** `name+hash+base64(alg ‖ public key)`. */
export function parseNoteKey(text: string): NoteKey {
  const [, name, hash, encoded] =
    /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  demand(
    name !== undefined && hash !== undefined && bytes !== undefined,
    'key_malformed',
    'not name+hash+base64',
  );
  const [algorithm] = bytes;
  demand(
    bytes.length === 33 && (algorithm === 1 || algorithm === 4),
    'key_malformed',
    'not a key of algorithm 1 or 4',
  );
  const computed = toHex(sha256(concat([utf8(`${name}\n`), bytes])).slice(0, 4));
  demand(hash === computed, 'key_malformed', `the key's hash is ${computed}, not ${hash}`);
  return { name, hash, algorithm, publicKey: bytes.slice(1) };
}

const mostSignatures = 100;

/** Splits a note; checks no signature. */
export function parseNote(input: Uint8Array | string): Note {
  const whole = typeof input === 'string' ? input : textOf(input, 'note_malformed');
  demand(!/\p{Surrogate}/u.test(whole), 'note_malformed', 'not a text');
  for (const character of whole) {
    demand(character === '\n' || character >= ' ', 'note_malformed', 'a control character');
  }
  const border = whole.lastIndexOf('\n\n');
  demand(border >= 0 && whole.endsWith('\n'), 'note_malformed', 'no empty line, or no line feed at the end');
  const lines = whole
    .slice(border + 2)
    .split('\n')
    .slice(0, -1);
  demand(lines.length > 0 && lines.length <= mostSignatures, 'note_malformed', `${lines.length} signatures`);
  return { text: whole.slice(0, border + 1), signatures: lines.map(parseSignature) };
}

/** The text of strict UTF-8. */
export function textOf(bytes: Uint8Array, code: 'note_malformed' | 'proof_malformed'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LogFalsehood(code, 'not UTF-8');
  }
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  demand(
    name !== undefined && bytes !== undefined && bytes.length > 4,
    'note_malformed',
    'not a signature line',
  );
  return { name, hash: toHex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
}

async function isSigned(publicKey: Uint8Array, signature: Uint8Array, message: string): Promise<boolean> {
  const { subtle } = crypto;
  const key = await subtle.importKey('raw', publicKey.slice(), 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, signature.slice(), utf8(message).slice());
}

/** What the key says about the note: nothing, or that it signed, with the time (in seconds) where its algorithm has one. */
export interface Signed {
  readonly name: string;
  readonly seconds?: bigint;
}

/** Undefined when the key did not sign. Every line that claims to be the key's must be right. */
export async function signedBy(note: Note, key: NoteKey): Promise<Signed | undefined> {
  let signed: Signed | undefined;
  for (const { name, hash, bytes } of note.signatures) {
    if (name !== key.name || hash !== key.hash) continue;
    const wrong = `the signature of ${key.name} is wrong`;
    demand(bytes.length === (key.algorithm === 1 ? 64 : 72), 'signature_wrong', wrong);
    if (key.algorithm === 1) {
      demand(await isSigned(key.publicKey, bytes, note.text), 'signature_wrong', wrong);
      signed = { name };
    } else {
      const seconds = BigInt(`0x${toHex(bytes.slice(0, 8))}`);
      const message = `cosignature/v1\ntime ${seconds}\n${note.text}`;
      demand(await isSigned(key.publicKey, bytes.slice(8), message), 'signature_wrong', wrong);
      signed = { name, seconds };
    }
  }
  return signed;
}
