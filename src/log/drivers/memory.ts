import { canonicalText } from '../../kernel/canonical.js';
import { Defect, Fault } from '../../kernel/errors.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import { checkKey, folderOf } from './storage-key.js';

/** A store that lives and dies with the process. Atomic because nothing can run in the middle of a synchronous function. */
export function memoryStorage(): StoragePort {
  let head: Head | undefined;
  const closed = false;
  const blobs = new Map<string, Uint8Array>();
  const rows = new Map<string, string>();
  const folders = new Map<string, Folder>();

  function write(batch: Batch): void {
    for (const { key, bytes } of batch.blobs) blobs.set(key, bytes.slice());
    for (const { key, value } of batch.index) {
      if (!rows.has(key)) addKey(folders, key);
      rows.set(key, value);
    }
    head = batch.head;
  }

  return {
    durability: 'process',
    readHead: async () => head,
    commit: async (expected, batch) => {
      if (head?.size !== expected?.size || head?.root !== expected?.root) return 'conflict';
      write(batch);
      return 'committed';
    },
    readBlob: async (key) => blobs.get(key)?.slice(),
    readIndex: async (key) => rows.get(key),
    scanIndex: async (range) => scan(folders.get(range.folder), rows, range),
    close: async () => {},
  };
}

/** Keys of one folder; sorted when it is read, not when it is written, since most folders are only ever appended to. */
interface Folder {
  readonly keys: string[];
  sorted: boolean;
}

function addKey(folders: Map<string, Folder>, key: string): void {
  const name = folderOf(key);
  const folder = folders.get(name) ?? { keys: [], sorted: true };
  folders.set(name, folder);
  const last = folder.keys.at(-1);
  if (last !== undefined && last > key) folder.sorted = false;
  folder.keys.push(key);
}

function scan(
  folder: Folder | undefined,
  rows: ReadonlyMap<string, string>,
  { after, before, reverse, limit }: IndexRange,
): readonly IndexRow[] {
  if (folder === undefined) return [];
  if (!folder.sorted) folder.keys.sort();
  folder.sorted = true;
  const first = after === undefined ? 0 : lowerBound(folder.keys, `${after}\0`);
  const end = before === undefined ? folder.keys.length : lowerBound(folder.keys, before);
  const keys =
    reverse === true
      ? folder.keys.slice(Math.max(first, end - limit), Math.max(first, end)).reverse()
      : folder.keys.slice(first, Math.max(first, Math.min(end, first + limit)));
  return keys.map((key) => ({ key, value: rows.get(key) as string }));
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // Keys are ASCII: UTF-16 order is byte order.
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
