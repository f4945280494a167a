import type { FolderKind } from '../../storage/claimed-folder.js';
import { type Binary, type Environment, keyBytes, openEnvironment } from '../../storage/lmdb-environment.js';
import { droppableFolder, type Head, type IndexRange, type IndexRow } from '../port.js';

/** The databases of a log folder, and what they are in. */
export interface LogEnvironment extends Environment {
  readonly blobs: Binary;
  readonly index: Binary;
}

export const logFolder = {
  code: 'storage_failed',
  called: 'log',
  layout: 'caio/lmdb/v1',
  open: (folder: string, readOnly = false): LogEnvironment =>
    openEnvironment(folder, ['blobs', 'index'], readOnly),
} as const satisfies FolderKind<LogEnvironment>;

export const headKey = Buffer.from('head');

export function storedHead({ meta }: Environment): Head | undefined {
  const stored = meta.get(headKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as Head);
}

/** Folder, a zero byte, the rest: rows of a folder stand together, apart from those of the folders in it. */
export function rowKey(folder: string, key: string): Buffer {
  return keyBytes(`${folder}\0${key.slice(folder.length)}`);
}

export function scan(
  index: Binary,
  { folder, after, before, reverse, limit }: IndexRange,
): readonly IndexRow[] {
  // Bounds are strict. The least key above `k` is `k` and a zero byte; the folder ends before its own name and byte 1.
  const least = after === undefined ? keyBytes(`${folder}\0`) : keyBytes(`${boundIn(folder, after)}\0`);
  const end = before === undefined ? keyBytes(`${folder}\x01`) : keyBytes(boundIn(folder, before));
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

/** Keys of blobs below `snapshot/` behind `after`. */
export function scanDroppable({ blobs }: LogEnvironment, after: string, limit: number): readonly string[] {
  if (limit <= 0) return [];
  const least = keyBytes(after < droppableFolder ? droppableFolder : `${after}\0`);
  // The slash and what follows it: the end of the folder.
  const end = keyBytes(`${droppableFolder.slice(0, -1)}0`);
  if (least.compare(end) >= 0) return [];
  return [...blobs.getKeys({ start: least, end, limit })].map((key) => key.toString('latin1'));
}

/** A bound as a stored key. One outside of the folder stands before or after all of its rows. */
function boundIn(folder: string, bound: string): string {
  if (bound.startsWith(folder)) return `${folder}\0${bound.slice(folder.length)}`;
  return bound < folder ? `${folder}\0` : `${folder}\x01`;
}
