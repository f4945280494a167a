import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { decodeBase64, encodeBase64 } from '../kernel/base64.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import {
  formatVerifierKey,
  isKeyName,
  type KeyAlgorithm,
  keyAlgorithm,
  keyHash,
  splitKey,
  type VerifierKey,
} from '../kernel/verifier-key.js';

const { ed25519 } = keyAlgorithm;
const seedBytes = 32;
/** RFC 8410: a PKCS #8 private key of Ed25519 is this, then the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * An Ed25519 key with a name, in the manner of C2SP signed notes. The seed is held where printing, logging or serialising the key does not
 * reach it.
 */
export class SigningKey {
  readonly name: string;
  /** What it signs: notes, or as a witness checkpoints with a time. The name and the seed of one are no key of the other. */
  readonly algorithm: KeyAlgorithm;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;

  /** Use `signingKeyOf` or `parseSigningKey`, which check. */
  constructor(name: string, seed: Uint8Array, algorithm: KeyAlgorithm) {
    this.name = name;
    this.algorithm = algorithm;
    this.#seed = seed;
    this.#key = createPrivateKey({
      key: Buffer.concat([pkcs8Prefix, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' });
    this.publicKey = Buffer.from(x as string, 'base64url');
  }

  /** SHA-256(name ‖ LF ‖ algorithm ‖ public key), the first four bytes in hex. */
  get hash(): string {
    return keyHash(this.name, this.algorithm, this.publicKey);
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
    return `${privatePrefix}${key.id}+${encodeBase64(Buffer.concat([Buffer.of(key.algorithm), key.#seed]))}`;
  }
}

const privatePrefix = 'PRIVATE+KEY+';

/** A key from 32 random bytes. Problem `key_invalid`: a name that is empty, over 255 bytes or has spaces, controls or `+`; another count of bytes. */
export function signingKeyOf(
  name: string,
  seed: Uint8Array,
  algorithm: KeyAlgorithm = ed25519,
): Result<SigningKey, Problem> {
  if (!isKeyName(name)) return invalid('a key name is 1 to 255 bytes without spaces, controls or "+"');
  if (seed.length !== seedBytes) return invalid(`a seed has ${seedBytes} bytes, not ${seed.length}`);
  return ok(new SigningKey(name, Uint8Array.from(seed), algorithm));
}

/** The key of that algorithm in the form `formatSigningKey` writes; white space around it is ignored. No message repeats any of the text. */
export function parseSigningKey(
  text: string,
  algorithm: KeyAlgorithm = ed25519,
): Result<SigningKey, Problem> {
  const trimmed = text.trim();
  if (!trimmed.startsWith(privatePrefix)) return invalid(`a signing key starts with ${privatePrefix}`);
  const [name, hash, material] = splitKey(trimmed.slice(privatePrefix.length));
  if (name === undefined || hash === undefined || material === undefined) {
    return invalid('a signing key is PRIVATE+KEY+<name>+<hash>+<base64>');
  }
  const bytes = decodeBase64(material);
  if (bytes?.length !== seedBytes + 1 || bytes[0] !== algorithm) {
    return invalid(`the key material is not canonical base64 of an Ed25519 seed of algorithm ${algorithm}`);
  }
  const key = signingKeyOf(name, bytes.subarray(1), algorithm);
  if (key.ok && key.value.hash !== hash) return invalid('the hash is not that of this name and key');
  return key;
}

/** `PRIVATE+KEY+<name>+<hash>+<base64(algorithm ‖ seed)>`: a secret. */
export function formatSigningKey(key: SigningKey): string {
  return SigningKey.secretText(key);
}

/** `<name>+<hash>+<base64(algorithm ‖ public key)>` (C2SP signed-note verifier key): what those who verify are given. */
export function verifierKeyOf(key: SigningKey): string {
  return formatVerifierKey(verifierKeyDocument(key));
}

/** The public part of a key. */
export function verifierKeyDocument({ name, hash, algorithm, publicKey }: SigningKey): VerifierKey {
  return { name, hash, algorithm, publicKey };
}

function invalid(message: string): Result<never, Problem> {
  return err({ code: 'key_invalid', path: '', message });
}
