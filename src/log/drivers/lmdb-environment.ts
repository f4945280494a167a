import { type Database, open, type RootDatabase } from 'lmdb';
import type { Head, IndexRange, IndexRow } from '../port.js';
import type { ProcessIdentity } from './process-identity.js';

/** Layout of the folder; another one is refused. */
export const layout = 'caio/lmdb/v1';

/** The three databases of a log folder, and what they are in. */
export interface Environment {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly meta: Database<Buffer, Buffer>;
  readonly blobs: Database<Buffer, Buffer>;
  readonly index: Database<Buffer, Buffer>;
}

/** Who writes to the folder. The token tells two openings by one process apart. */
export interface Claim {
  readonly layout: string;
  readonly token: string;
  readonly holder: ProcessIdentity;
}

export const claimKey = Buffer.from('claim');
export const headKey = Buffer.from('head');

/**
 * Folders that this process has open. LMDB shares one environment among all openings of a folder in a process and ends it with the first
 * that closes: the others would then read memory that is gone.
 */
export const openHere = new Set<string>();

/** `readOnly`: takes a place in the table of readers (lock.mdb) and writes nothing else. */
export function openEnvironment(folder: string, readOnly = false): Environment {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({
    path: folder,
    noSubdir: false,
    overlappingSync: false,
    maxDbs: 8,
    readOnly,
    ...binary,
  });
  const named = (name: string) => root.openDB<Buffer, Buffer>({ name, ...binary });
  return { root, meta: named('meta'), blobs: named('blobs'), index: named('index') };
}

export function readClaim({ meta }: Environment): Claim | undefined {
  const stored = meta.get(claimKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as Claim);
}

export function storedHead({ meta }: Environment): Head | undefined {
  const stored = meta.get(headKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as Head);
}

export const bytesOf = (key: string): Buffer => Buffer.from(key, 'latin1');

/** Folder, a zero byte, the rest: rows of a folder stand together, apart from those of the folders in it. */
export function rowKey(folder: string, key: string): Buffer {
  return bytesOf(`${folder}\0${key.slice(folder.length)}`);
}

export function scan(
  index: Database<Buffer, Buffer>,
  { folder, after, before, reverse, limit }: IndexRange,
): readonly IndexRow[] {
  // Bounds are strict. The least key above `k` is `k` and a zero byte; the folder ends before its own name and byte 1.
  const least = after === undefined ? bytesOf(`${folder}\0`) : bytesOf(`${boundIn(folder, after)}\0`);
  const end = before === undefined ? bytesOf(`${folder}\x01`) : bytesOf(boundIn(folder, before));
  if (limit <= 0 || least.compare(end) >= 0) return [];
  // Reversed, lmdb goes down from the first key below `start`; where it stops is checked here.
  const range =
    reverse === true ? { start: end, reverse: true, exclusiveStart: true } : { start: least, end };
  const rows: IndexRow[] = [];
  for (const { key, value } of index.getRange(range)) {
    if (reverse === true && key.compare(least) < 0) break;
    rows.push({
      key: `${folder}${key.toString('latin1').slice(folder.length + 1)}`,
      value: value.toString(),
    });
    if (rows.length >= limit) break;
  }
  return rows;
}

/** A bound as a stored key. One outside of the folder stands before or after all of its rows. */
function boundIn(folder: string, bound: string): string {
  if (bound.startsWith(folder)) return `${folder}\0${bound.slice(folder.length)}`;
  return bound < folder ? `${folder}\0` : `${folder}\x01`;
}
