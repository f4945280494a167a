import { nodeHash } from '../../kernel/merkle.js';
import { ok } from '../../kernel/result.js';
import { type Tile, tileAt, tileHeight, tileWidth } from './tile.js';
import { readHashes, type TileReader } from './tile-reader.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/**
 * A complete subtree of 2^height leaves, aligned: the leaves [index·2^height, (index + 1)·2^height). Its hash never changes once they are
 * there, so every root and every proof is put together from such hashes.
 */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The tiles of a tree of `size` leaves, each read at most once. Made for one root or one proof. */
export class StoredHashes {
  readonly #reader: TileReader;
  readonly #read = new Map<string, Promise<TlogResult<readonly Uint8Array[]>>>();

  constructor(
    reader: TileReader,
    readonly size: number,
  ) {
    this.#reader = reader;
  }

  /**
   * MTH of a complete subtree (RFC 6962 §2.1). Heights that are no multiple of 8 are hashed up from the tile below: at most 127
   * node hashes and one read. Errors of `readHashes`, and `range_invalid` for a subtree that is not complete at this size.
   */
  async hashOf({ height, index }: Subtree): Promise<TlogResult<Uint8Array>> {
    const level = Math.floor(height / tileHeight);
    const count = 1 << (height % tileHeight);
    const first = index * count;
    const tile = tileAt(level, Math.floor(first / tileWidth), this.size);
    const offset = first % tileWidth;
    if (tile === undefined || offset + count > tile.width) {
      return tlogError('range_invalid', `no subtree ${index} of height ${height} at size ${this.size}`);
    }
    const hashes = await this.#hashes(tile);
    return hashes.ok ? ok(perfectRoot(hashes.value.slice(offset, offset + count))) : hashes;
  }

  #hashes(tile: Tile): Promise<TlogResult<readonly Uint8Array[]>> {
    const key = `${tile.level}/${tile.index}`;
    const known = this.#read.get(key) ?? readHashes(this.#reader, tile);
    this.#read.set(key, known);
    return known;
  }
}

/** The root over a power of two of hashes. */
function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const parents: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) {
      parents.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    }
    row = parents;
  }
  return row[0] as Uint8Array;
}
