import { Fault } from '../kernel/errors.js';
import { entryKey, indexDigits } from './index-rows.js';
import type { Blob, StoragePort } from './port.js';
import { formatBundle } from './tlog/entry-bundle.js';
import type { Growth } from './tlog/frontier.js';
import { hashesAt, tileAt, tileWidth } from './tlog/tile.js';
import { type BundleName, bundlePath, tilePath } from './tlog/tile-path.js';
import type { TileReader } from './tlog/tile-reader.js';

/** One hash of a tile that may still be partial: 32 bytes. */
const hashKey = (level: number, index: number): string => `hash/${level}/${indexDigits(index)}`;
/** A full tile: 8,192 bytes. */
const tileKey = (level: number, index: number): string => `tile/${level}/${indexDigits(index)}`;

/**
 * What of the tree is stored with the entries that made it grow: each hash once, when it becomes final, and each tile once, when it is full.
 * Partial tiles are put together from their hashes when somebody reads them, so a commit of one entry writes 32 bytes of tree, not a tile.
 */
export function treeBlobs({ hashes, tiles }: Growth): readonly Blob[] {
  return [
    ...hashes.map(({ level, index, hash }) => ({ key: hashKey(level, index), bytes: hash })),
    ...tiles.map(({ level, index, bytes }) => ({ key: tileKey(level, index), bytes })),
  ];
}

/** The key of the hash of an entry. */
export const leafKey = (index: number): string => hashKey(0, index);

/** Whether a key is that of a hash or full tile of a tree of `size` entries. */
export function isTreeBlob(key: string, size: number): boolean {
  const [, kind, level, index] = /^(hash|tile)\/(\d{1,2})\/(\d{16})$/.exec(key) ?? [];
  if (kind === undefined || level === undefined) return false;
  const count = hashesAt(Number(level), size);
  return kind === 'hash' ? Number(index) < count : tileWidth * (Number(index) + 1) <= count;
}

/** The tiles and entry bundles of the first `size` entries, as a store has them. */
export interface StoredTiles extends TileReader {
  /** `undefined` for a bundle that would be empty or reach beyond `size`. */
  readBundle(bundle: BundleName): Promise<Uint8Array | undefined>;
}

/**
 * Reads no further than `size`, which is at most that of the head: tiles and bundles beyond are not there. Each costs one read of the
 * store: a partial tile of its hashes, at most 255, a bundle of its entries. Rejects with a Fault when the store lacks what its head says it has.
 */
export function storedTiles(storage: Pick<StoragePort, 'readBlob' | 'readBlobs'>, size: number): StoredTiles {
  const missing = (path: string): never => {
    throw new Fault('storage_failed', `a part of ${path} is missing`, { retryable: false, subject: path });
  };
  const inOrder = async (count: number, keyOf: (i: number) => string, path: string) => {
    const found = await storage.readBlobs(Array.from({ length: count }, (_, i) => keyOf(i)));
    return found.map((bytes) => bytes ?? missing(path));
  };

  return {
    readTile: async (tile) => {
      const { level, index, width } = tile;
      const there = tileAt(level, index, size);
      if (!isWidth(width) || there === undefined || width > there.width) return undefined;
      const path = tilePath(tile);
      if (width === tileWidth) return (await storage.readBlob(tileKey(level, index))) ?? missing(path);
      return Buffer.concat(await inOrder(width, (i) => hashKey(level, tileWidth * index + i), path));
    },
    readBundle: async (bundle) => {
      const { index, width } = bundle;
      const first = tileWidth * index;
      if (!isWidth(width) || first + width > size) return undefined;
      const path = bundlePath(bundle);
      const formatted = formatBundle(await inOrder(width, (i) => entryKey(first + i), path));
      if (formatted.ok) return formatted.value;
      throw new Fault('storage_failed', formatted.error.message, { retryable: false, subject: path });
    },
  };
}

function isWidth(width: number): boolean {
  return Number.isInteger(width) && width >= 1 && width <= tileWidth;
}
