import { createHmac, hash } from 'node:crypto';
import type { Brand } from './brand.js';
import { canonicalText } from './canonical.js';
import type { Problem } from './problem.js';
import { err, ok, type Result } from './result.js';

/** A SHA-256 value as 64 lowercase hexadecimal digits. Made by this module's functions only. */
export type Digest = Brand<string, 'Digest'>;

export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest();
}

/** SHA-256 over utf8(tag), a line feed, and the canonical bytes of `value` (calculus §1). Throws what `canonicalText` throws. */
export function digestOf(tag: string, value: unknown): Digest {
  return digestText(tag, canonicalText(value));
}

/** `digestOf` for a text that is canonical already. The tag is one line: it never contains a line feed. */
export function digestText(tag: string, canonical: string): Digest {
  return hash('sha256', `${tag}\n${canonical}`, 'hex') as Digest;
}

/** The 64 hexadecimal digits of 32 bytes. */
export function digestFromBytes(bytes: Uint8Array): Digest {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') as Digest;
}

/** The 32 bytes behind a digest. */
export function digestToBytes(digest: Digest): Uint8Array {
  return Buffer.from(digest, 'hex');
}

const digestShape = /^[0-9a-f]{64}$/;

export function parseDigest(text: string, path = ''): Result<Digest, Problem> {
  return digestShape.test(text)
    ? ok(text as Digest)
    : err({ code: 'digest_invalid', path, message: 'not 64 lowercase hexadecimal digits' });
}
