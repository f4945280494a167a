import { nodeHash } from '../../kernel/merkle.js';
import { ok } from '../../kernel/result.js';
import type { Frontier } from './frontier.js';
import { hashesAt, tileAt, tileHeight, tileWidth } from './tile.js';
import { readHashes, type TileReader } from './tile-reader.js';
import type { TlogResult } from './tlog-error.js';

/**
 * The frontier of the first `size` entries, put together from tiles: the same as `grow` would give for their leaves. One partial tile a
 * level, at most 255 hashes each. Errors `tile_missing`, `tile_malformed`. Nothing says that the hashes are right but the root that follows.
 */
export async function frontierAt(reader: TileReader, size: number): Promise<TlogResult<Frontier>> {
  const edges: (readonly Uint8Array[])[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const tile = tileAt(level, Math.floor(hashesAt(level, size) / tileWidth), size);
    const hashes = tile === undefined ? ok([]) : await readHashes(reader, tile);
    if (!hashes.ok) return hashes;
    edges.push(hashes.value);
  }
  const peaks = edges.flatMap((edge, level) => peaksOf(edge, level * tileHeight)).sort(byHeight);
  return ok({ size, peaks, edges });
}

type Peak = Frontier['peaks'][number];

const byHeight = (one: Peak, other: Peak): number => other.height - one.height;

/** Fewer than 256 hashes of one height fall into complete subtrees as their number falls into powers of two, the largest first. */
function peaksOf(edge: readonly Uint8Array[], height: number): readonly Peak[] {
  const peaks: Peak[] = [];
  let from = 0;
  for (let bit = tileHeight - 1; bit >= 0; bit -= 1) {
    const width = 1 << bit;
    if ((edge.length & width) === 0) continue;
    peaks.push({ height: height + bit, hash: completeRoot(edge.slice(from, from + width)) });
    from += width;
  }
  return peaks;
}

function completeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = hashes;
  if (others.length === 0) return first as Uint8Array;
  const half = hashes.length / 2;
  return nodeHash(completeRoot(hashes.slice(0, half)), completeRoot(hashes.slice(half)));
}
