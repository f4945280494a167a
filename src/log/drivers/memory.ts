import { Fault } from '../../kernel/errors.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import { sameHead } from './same-head.js';
import { checkBatch, folderOf, isDroppable, rewrites } from './storage-key.js';

/** A store that lives and dies with the process. Atomic because nothing can run in the middle of a synchronous function. */
export function memoryStorage(): StoragePort {
  let head: Head | undefined;
  let closed = false;
  const blobs = new Map<string, Uint8Array>();
  const rows = new Map<string, string>();
  const folders = new Map<string, Folder>();

  function write(batch: Batch): void {
    for (const { key, bytes } of batch.blobs) blobs.set(key, new Uint8Array(bytes));
    for (const { key, value } of batch.index) {
      if (!rows.has(key)) addKey(folders, key);
      rows.set(key, value);
    }
    for (const key of batch.drop?.blobs ?? []) blobs.delete(key);
    for (const key of batch.drop?.rows ?? []) if (rows.delete(key)) removeKey(folders, key);
    head = batch.head;
  }

  /** Nothing of a batch is written before all of it is known to be writable. */
  function check(batch: Batch): void {
    checkBatch(batch);
    for (const { key, bytes } of batch.blobs) {
      const known = blobs.get(key);
      if (known !== undefined && Buffer.compare(known, bytes) !== 0) throw rewrites(key);
    }
  }

  function whileOpen<T>(use: () => T): T {
    if (!closed) return use();
    throw new Fault('storage_failed', 'The log in memory was closed.', { retryable: false });
  }

  return {
    durability: 'process',
    readHead: async () => whileOpen(() => head),
    commit: async (expected, batch) =>
      whileOpen(() => {
        if (!sameHead(head, expected)) return 'conflict';
        const { onlyIf } = batch;
        if (onlyIf !== undefined && rows.get(onlyIf.key) !== onlyIf.value) return 'conflict';
        check(batch);
        write(batch);
        return 'committed';
      }),
    readBlob: async (key) => whileOpen(() => copyOf(blobs.get(key))),
    readBlobs: async (keys) => whileOpen(() => keys.map((key) => copyOf(blobs.get(key)))),
    readIndex: async (key) => whileOpen(() => rows.get(key)),
    scanIndex: async (range) => whileOpen(() => scan(folders.get(range.folder), rows, range)),
    scanDroppable: async (after, limit) =>
      whileOpen(() => {
        const keys = [...blobs.keys()].filter((key) => isDroppable(key) && key > after);
        return keys.sort().slice(0, limit);
      }),
    // Nobody else can commit.
    watch: async () => whileOpen(() => async () => undefined),
    close: async () => {
      closed = true;
    },
  };
}

/** Not `slice`, which gives a Buffer that shares its memory. */
const copyOf = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes && new Uint8Array(bytes);

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

function removeKey(folders: Map<string, Folder>, key: string): void {
  const keys = folders.get(folderOf(key))?.keys;
  keys?.splice(keys.indexOf(key), 1);
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
