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
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
