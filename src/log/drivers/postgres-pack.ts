import type { Blob } from '../port.js';
import { rewrites } from './storage-key.js';

/**
 * Blobs as rows: those whose keys differ only in 16 digits at the end, counting on one by one, are one row. So the entries of a commit are
 * one row, and so are its hashes of one level. Any other key is a row of its own, numbered `alone`.
 */
export interface Pack {
  readonly name: string;
  readonly first: number;
  readonly members: readonly Uint8Array[];
}

/** The keys `name` + digits of [low, high), which are read together. */
export interface PackRange {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

interface Numbered {
  readonly name: string;
  readonly number: number;
}

/** The number of a blob that is a row by itself. */
export const alone = -1;
const mostMembers = 4096;

/** Where the blob of a key is: in the row of that name which covers that number. */
export function numbered(key: string): Numbered {
  const digits = /\d{16}$/.exec(key)?.[0];
  const number = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(number + mostMembers))
    return { name: key, number: alone };
  return { name: key.slice(0, -digits.length), number };
}

/** The rows of these blobs. The same key twice with other bytes is a Defect. */
export function packsOf(blobs: readonly Blob[]): readonly Pack[] {
  const found = new Map<string, Uint8Array>();
  for (const { key, bytes } of blobs) {
    const other = found.get(key);
    if (other !== undefined && Buffer.compare(other, bytes) !== 0) throw rewrites(key);
    found.set(key, bytes);
  }
  return runsOf([...found.keys()]).map((run) => ({
    name: run.name,
    first: run.low,
    members: run.keys.map((key) => found.get(key) as Uint8Array),
  }));
}

/** The ranges that cover these keys and nothing else. */
export function rangesOf(keys: readonly string[]): readonly PackRange[] {
  return runsOf([...new Set(keys)]);
}

function runsOf(keys: readonly string[]): readonly (PackRange & { readonly keys: readonly string[] })[] {
  const places = keys.map((key) => ({ key, ...numbered(key) }));
  places.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.number - b.number));
  const runs: { name: string; low: number; high: number; keys: string[] }[] = [];
  for (const { key, name, number } of places) {
    const last = runs.at(-1);
    const follows =
      last?.name === name && last.high === number && last.low !== alone && last.keys.length < mostMembers;
    if (last !== undefined && follows) {
      last.high = number + 1;
      last.keys.push(key);
    } else {
      runs.push({ name, low: number, high: number + 1, keys: [key] });
    }
  }
  return runs;
}

/** Where each member ends in the bytes of all of them: 32-bit numbers, big-endian. */
export function endsOf(members: readonly Uint8Array[]): Buffer {
  const ends = Buffer.alloc(4 * members.length);
  let end = 0;
  for (const [i, member] of members.entries()) {
    end += member.byteLength;
    ends.writeUInt32BE(end, 4 * i);
  }
  return ends;
}

/** The members of a part of a row: `ends` and `bytes` of the part, which begins at `start` in the bytes of the whole. */
export function membersOf(ends: Buffer, bytes: Buffer, start: number): readonly Uint8Array[] {
  let from = 0;
  return Array.from({ length: ends.byteLength / 4 }, (_, i) => {
    const to = ends.readUInt32BE(4 * i) - start;
    const member = Uint8Array.prototype.slice.call(bytes, from, to);
    from = to;
    return member;
  });
}
