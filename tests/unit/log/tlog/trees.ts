import { leafHash } from '../../../../src/kernel/merkle.js';
import type { Result } from '../../../../src/kernel/result.js';
import { emptyFrontier, type Frontier, grow, rootOf } from '../../../../src/log/tlog/frontier.js';
import { hashBytes, hashesAt, tileWidth } from '../../../../src/log/tlog/tile.js';
import type { TileReader } from '../../../../src/log/tlog/tile-reader.js';
import type { TlogErrorCode, TlogResult } from '../../../../src/log/tlog/tlog-error.js';

export const entryOf = (i: number): Uint8Array => Buffer.from(`entry-${i}`);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'hex');

/** A tree of the leaves `entry-<i>` that has kept its frontier at every size, and every hash of every tile. */
export interface GrownTree extends TileReader {
  readonly leaves: readonly Uint8Array[];
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly frontier: Frontier;
  rootAt(size: number): Uint8Array;
}

/** Appended in batches as long as `batch` says. */
export function grownTree(size: number, batch: (at: number) => number = () => 1): GrownTree {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(entryOf(i)));
  const levels: Uint8Array[][] = [];
  const roots = new Map<number, Uint8Array>([[0, rootOf(emptyFrontier)]]);
  let frontier = emptyFrontier;
  while (frontier.size < size) {
    const growth = grow(frontier, leaves.slice(frontier.size, frontier.size + batch(frontier.size)));
    for (const { level, index, hash } of growth.hashes) {
      levels[level] ??= [];
      const row = levels[level] as Uint8Array[];
      if (row.length !== index) throw new Error(`hash ${index} of level ${level} after ${row.length}`);
      row.push(hash);
    }
    frontier = growth.frontier;
    roots.set(frontier.size, rootOf(frontier));
  }
  return {
    leaves,
    levels,
    frontier,
    rootAt: (at) => roots.get(at) as Uint8Array,
    readTile: async ({ level, index, width }) => {
      const first = tileWidth * index;
      const hashes = levels[level]?.slice(first, first + width) ?? [];
      return hashes.length === width && first + width <= hashesAt(level, size)
        ? Buffer.concat(hashes, hashBytes * width)
        : undefined;
    },
  };
}

export function unwrap<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export function codeOf(result: TlogResult<unknown>): TlogErrorCode | 'ok' {
  return result.ok ? 'ok' : result.error.code;
}

/** The same bytes with one bit of one of them changed. */
export function flipped(bytes: Uint8Array, at = 7, bit = 1): Uint8Array {
  const lie = Uint8Array.from(bytes);
  lie[at] = (lie[at] as number) ^ bit;
  return lie;
}
