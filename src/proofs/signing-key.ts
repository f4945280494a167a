import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { sha256 } from '../kernel/digest.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { encodeUtf8 } from '../kernel/utf8.js';

/** C2SP signed-note: the first byte of key material says which algorithm it is for; 0x01 is Ed25519. */
const ed25519 = 0x01;
const seedBytes = 32;
/** RFC 8410: a PKCS #8 private key of Ed25519 is this, then the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * An Ed25519 key with a name, in the manner of C2SP signed notes. The seed is held where printing, logging or serialising the key does not
 * reach it.
 */
export class SigningKey {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;

  /** Use `signingKeyOf` or `parseSigningKey`, which check. */
  constructor(name: string, seed: Uint8Array) {
    this.name = name;
    this.#seed = seed;
    this.#key = createPrivateKey({
      key: Buffer.concat([pkcs8Prefix, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' });
    this.publicKey = Buffer.from(x as string, 'base64url');
  }

  /** SHA-256(name ‖ LF ‖ 0x01 ‖ public key), the first four bytes in hex. */
  get hash(): string {
    return hashOf(this.name, this.publicKey);
  }

  /** `<name>+<hash>`: what a signature is labelled with. */
  get id(): string {
    return `${this.name}+${this.hash}`;
  }

  /** Ed25519 (RFC 8032), 64 bytes, deterministic. About 40 µs. */
  sign(bytes: Uint8Array): Uint8Array {
    return sign(null, bytes, this.#key);
  }

  static secretText(key: SigningKey): string {
    return `${privatePrefix}${key.id}+${base64(key.#seed)}`;
  }
}

const privatePrefix = 'PRIVATE+KEY+';

/** A key from 32 random bytes. Problem `key_invalid`: a name that is empty, over 255 bytes or has spaces, controls or `+`; another count of bytes. */
export function signingKeyOf(name: string, seed: Uint8Array): Result<SigningKey, Problem> {
  if (!isKeyName(name)) return invalid('a key name is 1 to 255 bytes without spaces, controls or "+"');
  if (seed.length !== seedBytes) return invalid(`a seed has ${seedBytes} bytes, not ${seed.length}`);
  return ok(new SigningKey(name, Uint8Array.from(seed)));
}

/** The key in the form `formatSigningKey` writes; white space around it is ignored. No message repeats any of the text. */
export function parseSigningKey(text: string): Result<SigningKey, Problem> {
  const trimmed = text.trim();
  if (!trimmed.startsWith(privatePrefix)) return invalid(`a signing key starts with ${privatePrefix}`);
  const [name, hash, material, ...more] = splitKey(trimmed.slice(privatePrefix.length));
  if (name === undefined || hash === undefined || material === undefined || more.length > 0) {
    return invalid('a signing key is PRIVATE+KEY+<name>+<hash>+<base64>');
  }
  const bytes = Buffer.from(material, 'base64');
  if (bytes.toString('base64') !== material || bytes.length !== seedBytes + 1 || bytes[0] !== ed25519) {
    return invalid('the key material is not canonical base64 of an Ed25519 seed');
  }
  const key = signingKeyOf(name, bytes.subarray(1));
  if (key.ok && key.value.hash !== hash) return invalid('the hash is not that of this name and key');
  return key;
}

/** `PRIVATE+KEY+<name>+<hash>+<base64(0x01 ‖ seed)>`: a secret. */
export function formatSigningKey(key: SigningKey): string {
  return SigningKey.secretText(key);
}

/** `<name>+<hash>+<base64(0x01 ‖ public key)>` (C2SP signed-note verifier key): what those who verify are given. */
export function verifierKeyOf(key: SigningKey): string {
  return `${key.id}+${base64(key.publicKey)}`;
}

/** The base64 part may contain `+`; the two before it may not. */
function splitKey(text: string): readonly string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first < 0 || second < 0
    ? []
    : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function hashOf(name: string, publicKey: Uint8Array): string {
  const hash = sha256(Buffer.concat([encodeUtf8(`${name}\n`), Buffer.of(ed25519), publicKey]));
  return Buffer.from(hash.subarray(0, 4)).toString('hex');
}

function base64(material: Uint8Array): string {
  return Buffer.concat([Buffer.of(ed25519), material]).toString('base64');
}

function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s\p{Cc}+]+$/u.test(name) && encodeUtf8(name).length <= 255;
}

function invalid(message: string): Result<never, Problem> {
  return err({ code: 'key_invalid', path: '', message });
}
