import { decodeBase64, encodeBase64 } from '../../kernel/base64.js';
import { ok } from '../../kernel/result.js';
import { hashBytes } from './tile.js';
import { type TlogResult, tlogError } from './tlog-error.js';

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** That each has 32 bytes. Error `hash_malformed`. */
export function checkHashes(hashes: readonly Uint8Array[]): TlogResult<true> {
  const odd = hashes.find((hash) => hash.length !== hashBytes);
  return odd === undefined ? ok(true) : tlogError('hash_malformed', `a hash of ${odd.length} bytes`);
}

/** One line of base64 a hash. */
export function formatHashLines(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => `${encodeBase64(hash)}\n`).join('');
}

/** The hashes of such lines; `undefined` when one is something else. */
export function parseHashLines(lines: readonly string[]): readonly Uint8Array[] | undefined {
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = decodeBase64(line);
    if (hash?.length !== hashBytes) return undefined;
    hashes.push(hash);
  }
  return hashes;
}
