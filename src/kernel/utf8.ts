import type { Problem } from './problem.js';
import { err, ok, type Result } from './result.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a text. A lone surrogate becomes U+FFFD, so texts that are hashed are checked for them first. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of strict UTF-8: bytes that are not UTF-8 are refused, never replaced. A byte order mark stays in the text. */
export function decodeUtf8(bytes: Uint8Array): Result<string, Problem> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return err({ code: 'utf8_invalid', path: '', message: 'the bytes are not UTF-8' });
  }
}

/** How many bytes `encodeUtf8` would make of a text, without making them. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}
