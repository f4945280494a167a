import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/kernel/merkle.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { headOf } from '../../../src/log/published.js';
import { storedTiles, treeBlobs } from '../../../src/log/stored-tiles.js';
import { emptyFrontier, grow } from '../../../src/log/tlog/frontier.js';
import { frontierAt } from '../../../src/log/tlog/frontier-at.js';

/** Around the edges of tiles of the first two levels, and between. */
const sizes = [1, 2, 3, 7, 128, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_049, 70_000];

describe('the frontier put together from tiles', () => {
  it('is the one that grew, at every size, from the tiles of a larger tree too', async () => {
    const storage = memoryStorage();
    let grown = emptyFrontier;
    const frontiers = new Map([[0, grown]]);
    for (const size of sizes) {
      const leaves = Array.from({ length: size - grown.size }, (_, i) =>
        leafHash(Buffer.from(`entry-${grown.size + i}`)),
      );
      const growth = grow(grown, leaves);
      const before = grown.size === 0 ? undefined : headOf(grown);
      const batch = { head: headOf(growth.frontier), blobs: treeBlobs(growth), index: [] };
      expect(await storage.commit(before, batch)).toBe('committed');
      grown = growth.frontier;
      frontiers.set(size, grown);
    }
    for (const [size, expected] of frontiers) {
      const found = await frontierAt(storedTiles(storage, size), size);
      if (!found.ok) throw new Error(found.error.message);
      expect(plain(found.value), `size ${size}`).toEqual(plain(expected));
    }
  });

  it('is not there when a tile is missing', async () => {
    const nothing = { readTile: async () => undefined };
    expect(await frontierAt(nothing, 3)).toMatchObject({ ok: false, error: { code: 'tile_missing' } });
  });
});

const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
const plain = ({ size, peaks, edges }: typeof emptyFrontier) => ({
  size,
  peaks: peaks.map(({ height, hash }) => [height, hex(hash)]),
  edges: edges.map((edge) => edge.map(hex)),
});
