import { ok } from '../../kernel/result.js';
import { tileWidth } from './tile.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** The most bytes an entry may have: what 16 bits of length can say. */
export const maxEntryBytes = 65_535;

/** For each entry its length in two bytes, the high one first, and its bytes (C2SP tlog-tiles). Error `entry_too_large`. */
export function formatBundle(entries: readonly Uint8Array[]): TlogResult<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) {
      return tlogError('entry_too_large', `an entry has ${entry.length} bytes`);
    }
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return ok(Buffer.concat(parts));
}

/**
 * The entries of a bundle of `width` entries, 1 … 256. Views, not copies. Error `bundle_malformed`: it ends within an entry, or has another
 * number of them.
 */
export function parseBundle(bytes: Uint8Array, width: number): TlogResult<readonly Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length && entries.length <= tileWidth) {
    const [high, low] = [bytes[offset], bytes[offset + 1]];
    const start = offset + 2;
    const end = high === undefined || low === undefined ? Number.NaN : start + high * 256 + low;
    if (!(end <= bytes.length)) return tlogError('bundle_malformed', 'the bundle ends within an entry');
    entries.push(bytes.subarray(start, end));
    offset = end;
  }
  return entries.length === width && width > 0
    ? ok(entries)
    : tlogError('bundle_malformed', `the bundle has not ${width} entries`);
}
