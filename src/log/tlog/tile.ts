/** A tile spans this many levels of the tree: 256 hashes wide (C2SP tlog-tiles). */
export const tileHeight = 8;
export const tileWidth = 256;
export const hashBytes = 32;

/**
 * Hashes [0, width) of tile `index` at `level`: hash i is the MTH (RFC 6962 §2.1) of the entries
 * [(256·index + i)·256^level, (256·index + i + 1)·256^level). A width of 256 is a full tile.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** How many hashes level `level` has in a tree of `size` entries: ⌊size / 256^level⌋. */
export function hashesAt(level: number, size: number): number {
  let count = size;
  for (let i = 0; i < level && count > 0; i += 1) count = Math.floor(count / tileWidth);
  return count;
}

/** The tile of `size` entries at that place, with the width that it has at that size; `undefined` where it would be empty. */
export function tileAt(level: number, index: number, size: number): Tile | undefined {
  const width = Math.min(tileWidth, hashesAt(level, size) - tileWidth * index);
  return width > 0 ? { level, index, width } : undefined;
}

/** Every tile of a tree of that size, level by level. The last of a level may be partial; no tile is empty. About size / 255 tiles. */
export function tilesOf(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / tileWidth)) {
    for (let index = 0; tileWidth * index < count; index += 1) {
      tiles.push({ level, index, width: Math.min(tileWidth, count - tileWidth * index) });
    }
  }
  return tiles;
}
