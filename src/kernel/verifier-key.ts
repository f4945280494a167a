import { createPublicKey, verify } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.js';
import { sha256 } from './digest.js';
import type { Problem } from './problem.js';
import { err, ok, type Result } from './result.js';
import { encodeUtf8 } from './utf8.js';

/**
 * C2SP signed-note: the first byte of key material says what the key signs. 0x01: Ed25519 over the text of a note. 0x04: Ed25519
 * over a time and the text (tlog-cosignature, what witnesses make).
 */
export const keyAlgorithm = { ed25519: 0x01, cosignature: 0x04 } as const;
export type KeyAlgorithm = (typeof keyAlgorithm)[keyof typeof keyAlgorithm];

/** What those who verify are given. */
export interface VerifierKey {
  readonly name: string;
  /** `keyHash` of the other three, eight hex digits. */
  readonly hash: string;
  readonly algorithm: KeyAlgorithm;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** 1 to 255 bytes of well-formed text without white space, controls or `+`. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s\p{Cc}+]+$/u.test(name) && encodeUtf8(name).length <= 255;
}

/** SHA-256(name ‖ LF ‖ algorithm ‖ public key), the first four bytes in hex (C2SP signed-note, key ID). A label, not a proof. */
export function keyHash(name: string, algorithm: KeyAlgorithm, publicKey: Uint8Array): string {
  const hash = sha256(Buffer.concat([encodeUtf8(`${name}\n`), Buffer.of(algorithm), publicKey]));
  return Buffer.from(hash.subarray(0, 4)).toString('hex');
}

/** `<name>+<hash>+<base64(algorithm ‖ public key)>` (C2SP signed-note verifier key). */
export function formatVerifierKey({ name, hash, algorithm, publicKey }: VerifierKey): string {
  return `${name}+${hash}+${encodeBase64(Buffer.concat([Buffer.of(algorithm), publicKey]))}`;
}

/** What `formatVerifierKey` wrote. Problem `key_invalid` for another form or algorithm, or a hash that is not this name's and key's. */
export function parseVerifierKey(text: string): Result<VerifierKey, Problem> {
  const [name, hash, encoded] = splitKey(text);
  if (name === undefined || hash === undefined || encoded === undefined || !isKeyName(name)) {
    return invalid('a verifier key is <name>+<hash>+<base64>');
  }
  const bytes = decodeBase64(encoded);
  const algorithm = bytes?.[0];
  if (
    bytes?.length !== 33 ||
    (algorithm !== keyAlgorithm.ed25519 && algorithm !== keyAlgorithm.cosignature)
  ) {
    return invalid('the key material is not canonical base64 of an Ed25519 key');
  }
  const publicKey = bytes.subarray(1);
  return keyHash(name, algorithm, publicKey) === hash
    ? ok({ name, hash, algorithm, publicKey })
    : invalid('the hash is not that of this name and key');
}

/** Name, hash and base64 of a key, of which the last may hold further `+`; nothing where there are fewer than two. */
export function splitKey(text: string): readonly string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first < 0 || second < 0
    ? []
    : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** RFC 8410: a SubjectPublicKeyInfo of Ed25519 is this, then the 32 bytes. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether `signature` is the key's over `message` (RFC 8032 §5.1.7). False too for 32 bytes that are no point. About 100 µs. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const der = Buffer.concat([spkiPrefix, publicKey]);
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}

function invalid(message: string): Result<never, Problem> {
  return err({ code: 'key_invalid', path: '', message });
}
