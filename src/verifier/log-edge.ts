// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { treeHash } from './log-tree.js';

/** For each level, the hashes of its last tile while that is not full. */
export interface TreeEdge {
  size: number;
  readonly levels: Uint8Array[][];
}

export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
}

/** Adds the hash of the next entry; gives the tiles that are full now, the lowest first. */
export function addToEdge(edge: TreeEdge, hash: Uint8Array): FullTile[] {
  const full: FullTile[] = [];
  edge.size += 1;
  let carried: Uint8Array | undefined = hash;
  for (let level = 0, span = 256; carried !== undefined; level += 1, span *= 256) {
    const hashes = edge.levels[level] ?? [];
    edge.levels[level] = hashes;
    hashes.push(carried);
    carried = undefined;
    if (hashes.length < 256) continue;
    full.push({ level, index: edge.size / span - 1, hashes });
    carried = treeHash(hashes);
    edge.levels[level] = [];
  }
  return full;
}

/** MTH of all entries so far. */
export function rootOfEdge({ levels }: TreeEdge): Uint8Array {
  let below: Uint8Array | undefined;
  for (const hashes of levels) {
    const all: readonly Uint8Array[] = below === undefined ? hashes : [...hashes, below];
    if (all.length > 0) below = treeHash(all);
  }
  return below ?? treeHash([]);
}
