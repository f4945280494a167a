import { nodeHash } from '../../kernel/merkle.js';
import { hashesAt, tileHeight, tileWidth } from './tile.js';
import { foldRight } from './tree-root.js';

/**
 * The right edge of a growing tree: all that is needed to go on. `peaks` are the roots of the complete subtrees that the tree falls
 * into, the largest first, at most one of each height; `edges[l]` are the hashes of the partial tile of level l. Immutable.
 */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Peak[];
  readonly edges: readonly (readonly Uint8Array[])[];
}

interface Peak {
  readonly height: number;
  readonly hash: Uint8Array;
}

/** Hash `index` of tile level `level`, new and final. */
export interface LevelHash {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** A tile that has become full: 8,192 bytes. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface Growth {
  readonly frontier: Frontier;
  readonly hashes: readonly LevelHash[];
  readonly tiles: readonly FullTile[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [], edges: [] };

/** MTH of all entries (RFC 6962 §2.1): at most log₂ size node hashes. */
export function rootOf(frontier: Frontier): Uint8Array {
  return foldRight(frontier.peaks.map(({ hash }) => hash));
}

/**
 * The frontier after `leaves` (leaf hashes) are appended, and what of the tree's tiles that makes final: hashes of every level and tiles that
 * are full now. A partial tile is never hashed upward. About one node hash a leaf.
 */
export function grow(frontier: Frontier, leaves: readonly Uint8Array[]): Growth {
  const peaks = [...frontier.peaks];
  const edges = frontier.edges.map((edge) => [...edge]);
  const hashes: LevelHash[] = [];
  const tiles: FullTile[] = [];
  let { size } = frontier;

  const settle = (level: number, hash: Uint8Array): void => {
    const index = hashesAt(level, size) - 1;
    hashes.push({ level, index, hash });
    const edge = edges[level] ?? [];
    edges[level] = edge;
    edge.push(hash);
    if (edge.length < tileWidth) return;
    tiles.push({ level, index: (index + 1) / tileWidth - 1, bytes: Buffer.concat(edge) });
    edges[level] = [];
  };

  for (const leaf of leaves) {
    size += 1;
    settle(0, leaf);
    let peak: Peak = { height: 0, hash: leaf };
    // Two subtrees of one height are one of the next, as a carry goes up in binary addition.
    for (let left = peaks.at(-1); left?.height === peak.height; left = peaks.at(-1)) {
      peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHash(left.hash, peak.hash) };
      if (peak.height % tileHeight === 0) settle(peak.height / tileHeight, peak.hash);
    }
    peaks.push(peak);
  }
  return { frontier: { size, peaks, edges }, hashes, tiles };
}
