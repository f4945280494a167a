// Generated from notebooks/math/07_transparency_log.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { demand } from './log-falsehood.js';
import { sameBytes, treeHash } from './log-tree.js';

export interface TileName {
  /** `entries` for a bundle of entries. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 … 256 hashes or entries; 256 is a full one. */
  readonly width: number;
}

/** `tile/<level>/<index>`, with `.p/<width>` where it is not full. 1234067 is written x001/x234/067. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g) as string[];
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${number}${width === 256 ? '' : `.p/${width}`}`;
}

function namesOf(level: TileName['level'], items: number): TileName[] {
  const names: TileName[] = [];
  for (let index = 0; 256 * index < items; index += 1) {
    names.push({ level, index, width: Math.min(256, items - 256 * index) });
  }
  return names;
}

/** Every tile of a log of that size, level by level; of each, the width that it has at that size. */
export function tilesOf(size: number): TileName[] {
  const names: TileName[] = [];
  for (let level = 0, items = size; items > 0; level += 1, items = Math.floor(items / 256)) {
    names.push(...namesOf(level, items));
  }
  return names;
}

export function bundlesOf(size: number): TileName[] {
  return namesOf('entries', size);
}

/** Hashes of a tile: 32 bytes each, as many as its width says. */
export function hashesOfTile(name: TileName, bytes: Uint8Array | undefined): Uint8Array[] {
  demand(bytes !== undefined, 'tile_missing', `${tilePath(name)} is not there`);
  demand(bytes.length === 32 * name.width, 'tile_malformed', `${tilePath(name)} has ${bytes.length} bytes`);
  return Array.from({ length: name.width }, (_, i) => bytes.slice(32 * i, 32 * i + 32));
}

/** Entries of a bundle: each a length of two bytes, the high one first, and that many bytes. */
export function entriesOfBundle(name: TileName, bytes: Uint8Array | undefined): Uint8Array[] {
  demand(bytes !== undefined, 'tile_missing', `${tilePath(name)} is not there`);
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const length = 256 * (bytes[offset] as number) + (bytes[offset + 1] ?? 0);
    const end = offset + 2 + length;
    demand(end <= bytes.length, 'bundle_malformed', `${tilePath(name)} ends in the middle of an entry`);
    entries.push(bytes.slice(offset + 2, end));
    offset = end;
  }
  demand(
    entries.length === name.width,
    'bundle_malformed',
    `${tilePath(name)} has ${entries.length} entries`,
  );
  return entries;
}

/**
 * Hashes of all entries of a log of that size, from its lowest tiles; every tile above is computed anew and compared. `read`
 * gives the bytes at a path, or undefined.
 */
export async function entryHashesOf(
  size: number,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array[]> {
  let below: Uint8Array[] = [];
  let lowest: Uint8Array[] | undefined;
  for (const name of tilesOf(size)) {
    const hashes = hashesOfTile(name, await read(tilePath(name)));
    if (name.level === 0) {
      below = lowest ??= [];
      below.push(...hashes);
      continue;
    }
    const first = 256 * name.index;
    if (first === 0) below = parentsOf(below);
    const right = hashes.every((hash, i) => sameBytes(hash, below[first + i] as Uint8Array));
    demand(right, 'tile_wrong', `${tilePath(name)} is not what the level below hashes to`);
  }
  return lowest ?? [];
}

/** One hash for each 256 in a row; what is left at the end has none yet. */
function parentsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
  const count = Math.floor(hashes.length / 256);
  return Array.from({ length: count }, (_, i) => treeHash(hashes, 256 * i, 256 * i + 256));
}
