import { nodeHash } from '../../kernel/merkle.js';
import { ok } from '../../kernel/result.js';
import { checkHashes, sameHash } from './hash-list.js';
import { StoredHashes } from './stored-hash.js';
import type { TileReader } from './tile-reader.js';
import { type TlogResult, tlogError } from './tlog-error.js';
import { rangeHash } from './tree-root.js';
import { checkIndex, splitPoint } from './tree-size.js';

/**
 * PATH(index, D[size]) (RFC 6962 §2.1.1), the sibling of the leaf first: ⌈log₂ size⌉ hashes or fewer.
 * Errors `range_invalid`, `tile_missing`, `tile_malformed`.
 */
export async function proveInclusion(
  reader: TileReader,
  index: number,
  size: number,
): Promise<TlogResult<readonly Uint8Array[]>> {
  const checked = checkIndex(index, size);
  if (!checked.ok) return checked;
  const hashes = new StoredHashes(reader, size);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    const left = index < middle;
    const sibling = await rangeHash(hashes, left ? middle : from, left ? to : middle);
    if (!sibling.ok) return sibling;
    path.push(sibling.value);
    if (left) to = middle;
    else from = middle;
  }
  return ok(path.reverse());
}

/**
 * Whether `path` shows that the leaf of hash `leaf` stands at `index` of the `size` leaves under `root` (RFC 9162 §2.1.3.2). One node
 * hash for each hash of the path. Errors `range_invalid`, `hash_malformed`, `proof_wrong`.
 */
export function verifyInclusion(
  root: Uint8Array,
  size: number,
  index: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): TlogResult<true> {
  const checked = checkIndex(index, size);
  if (!checked.ok) return checked;
  const wellFormed = checkHashes([root, leaf, ...path]);
  if (!wellFormed.ok) return wellFormed;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (sn === 0) return tlogError('proof_wrong', 'the path is too long');
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  if (sn !== 0) return tlogError('proof_wrong', 'the path is too short');
  return sameHash(hash, root) ? ok(true) : tlogError('proof_wrong', 'the path leads to another root');
}
