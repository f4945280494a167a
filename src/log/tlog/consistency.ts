import { nodeHash } from '../../kernel/merkle.js';
import { ok } from '../../kernel/result.js';
import { checkHashes, sameHash } from './hash-list.js';
import { StoredHashes } from './stored-hash.js';
import type { TileReader } from './tile-reader.js';
import { type TlogResult, tlogError } from './tlog-error.js';
import { emptyRoot, rangeHash } from './tree-root.js';
import { checkGrowth, splitPoint } from './tree-size.js';

/**
 * PROOF(before, D[after]) (RFC 6962 §2.1.2): ⌈log₂ after⌉ + 1 hashes or fewer; none where `before` is 0 or `after`.
 * Errors `range_invalid`, `tile_missing`, `tile_malformed`.
 */
export async function proveConsistency(
  reader: TileReader,
  before: number,
  after: number,
): Promise<TlogResult<readonly Uint8Array[]>> {
  const checked = checkGrowth(before, after);
  if (!checked.ok) return checked;
  if (before === 0 || before === after) return ok([]);
  const hashes = new StoredHashes(reader, after);
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = after;
  // SUBPROOF goes down to the subtree whose last leaf is the last old one.
  while (to !== before) {
    const middle = from + splitPoint(to - from);
    const left = before <= middle;
    const sibling = await rangeHash(hashes, left ? middle : from, left ? to : middle);
    if (!sibling.ok) return sibling;
    proof.push(sibling.value);
    if (left) to = middle;
    else from = middle;
  }
  // Where that subtree is the whole old tree, who checks has its hash: the old root.
  if (from !== 0) {
    const last = await rangeHash(hashes, from, to);
    if (!last.ok) return last;
    proof.push(last.value);
  }
  return ok(proof.reverse());
}

/**
 * Whether `proof` shows that the tree of `before` leaves under `rootBefore` is the beginning of that of `after` leaves under `rootAfter` (RFC
 * 9162 §2.1.4.2). Two node hashes at most for each hash of the proof. Errors `range_invalid`, `hash_malformed`, `proof_wrong`.
 */
export function verifyConsistency(
  before: number,
  after: number,
  rootBefore: Uint8Array,
  rootAfter: Uint8Array,
  proof: readonly Uint8Array[],
): TlogResult<true> {
  const checked = checkGrowth(before, after);
  if (!checked.ok) return checked;
  const wellFormed = checkHashes([rootBefore, rootAfter, ...proof]);
  if (!wellFormed.ok) return wellFormed;
  if (before === 0 || before === after) {
    const expected = before === after ? rootAfter : emptyRoot;
    const holds = proof.length === 0 && sameHash(rootBefore, expected);
    return holds ? ok(true) : tlogError('proof_wrong', 'equal or empty trees need equal roots and no proof');
  }
  const roots = rootsOf(before, after, rootBefore, proof);
  if (roots === undefined) return tlogError('proof_wrong', 'the proof has another length');
  return sameHash(roots.before, rootBefore) && sameHash(roots.after, rootAfter)
    ? ok(true)
    : tlogError('proof_wrong', 'the proof leads to other roots');
}

/** Both roots that the proof leads to, for 0 < before < after; `undefined` when it has another length. */
function rootsOf(before: number, after: number, rootBefore: Uint8Array, proof: readonly Uint8Array[]) {
  let fn = before - 1;
  let sn = after - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  // Down to 0: the old tree is a complete subtree, and its root is not repeated in the proof.
  const [first, ...rest] = fn === 0 ? [rootBefore, ...proof] : proof;
  if (first === undefined) return undefined;
  let fr = first;
  let sr = first;
  for (const hash of rest) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(hash, fr);
      sr = nodeHash(hash, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      sr = nodeHash(sr, hash);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? { before: fr, after: sr } : undefined;
}
