import { sha256 } from '../../kernel/digest.js';
import { nodeHash } from '../../kernel/merkle.js';
import { ok } from '../../kernel/result.js';
import { StoredHashes, type Subtree } from './stored-hash.js';
import type { TileReader } from './tile-reader.js';
import type { TlogResult } from './tlog-error.js';
import { checkGrowth } from './tree-size.js';

/** MTH({}) = SHA-256 of nothing (RFC 6962 §2.1). */
export const emptyRoot: Uint8Array = sha256(new Uint8Array(0));

/**
 * MTH of the first `size` entries, for any size up to that of the tree whose tiles `reader` has. At most log₂ size subtrees, from no
 * more tiles than two a level. Errors `range_invalid`, `tile_missing`, `tile_malformed`.
 */
export async function treeRoot(reader: TileReader, size: number): Promise<TlogResult<Uint8Array>> {
  const checked = checkGrowth(0, size);
  return checked.ok ? rangeHash(new StoredHashes(reader, size), 0, size) : checked;
}

/**
 * MTH of the leaves [from, to), where `from` is a multiple of the least power of two ≥ to − from: then the range is a subtree of the
 * tree. It falls into complete subtrees, largest first; MTH hashes them together from the right.
 */
export async function rangeHash(
  hashes: StoredHashes,
  from: number,
  to: number,
): Promise<TlogResult<Uint8Array>> {
  const parts: Uint8Array[] = [];
  for (const subtree of subtreesOf(from, to)) {
    const hash = await hashes.hashOf(subtree);
    if (!hash.ok) return hash;
    parts.push(hash.value);
  }
  return ok(foldRight(parts));
}

/** h₀, h₁, …, hₖ → node(h₀, node(h₁, … hₖ)); nothing → the empty root. */
export function foldRight(parts: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (const part of parts.toReversed()) root = root === undefined ? part : nodeHash(part, root);
  return root ?? emptyRoot;
}

function subtreesOf(from: number, to: number): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  let start = from;
  while (start < to) {
    let height = 0;
    let width = 1;
    while (start + 2 * width <= to) {
      height += 1;
      width *= 2;
    }
    subtrees.push({ height, index: start / width });
    start += width;
  }
  return subtrees;
}
