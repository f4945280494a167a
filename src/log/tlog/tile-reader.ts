import { ok } from '../../kernel/result.js';
import { hashBytes, type Tile } from './tile.js';
import { tilePath } from './tile-path.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** Where tiles come from: a store, a folder, a server. */
export interface TileReader {
  /** The bytes of the tile, `undefined` where there is none. Rejects only when the world fails. */
  readTile(tile: Tile): Promise<Uint8Array | undefined>;
}

/** The hashes of a tile. Errors `tile_missing`, `tile_malformed` (not 32 bytes for each of its width). One read. */
export async function readHashes(reader: TileReader, tile: Tile): Promise<TlogResult<readonly Uint8Array[]>> {
  const bytes = await reader.readTile(tile);
  if (bytes === undefined) return tlogError('tile_missing', `${tilePath(tile)} is not there`);
  if (bytes.length !== hashBytes * tile.width) {
    return tlogError('tile_malformed', `${tilePath(tile)} has ${bytes.length} bytes`);
  }
  return ok(hashesIn(bytes));
}

/** Hashes that stand in a row; the length is a multiple of 32. Views, not copies. */
export function hashesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += hashBytes) {
    hashes.push(bytes.subarray(offset, offset + hashBytes));
  }
  return hashes;
}
