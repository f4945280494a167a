import { createHash } from 'node:crypto';
import { type Digest, digestFromBytes, digestToBytes, sha256 } from './digest.js';
import { Defect } from './errors.js';
import { encodeUtf8 } from './utf8.js';

/** One member of a set: the leaf data is utf8(id) followed by the 32 bytes of the digest (calculus §1). */
export interface SetItem {
  readonly id: string;
  readonly digest: Digest;
}

/**
 * A set as an RFC 6962 tree: `items` sorted by id in code-point order, `levels[0]` their leaf hashes, each further level the parents,
 * a last node without a sibling promoted unchanged (which is what the split at the largest power of two comes to). Immutable.
 */
export interface MerkleSet {
  readonly items: readonly SetItem[];
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly root: Digest;
}

/** An RFC 6962 §2.1.1 audit path, leaf sibling first. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly path: readonly Digest[];
}

/** Order of ids by Unicode code points: negative, zero or positive. Not UTF-16 order, which puts U+E000–U+FFFF above pairs. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they rank after every other unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** RFC 6962 §2.1: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(leafPrefix).update(data).digest();
}

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashBytes || right.length !== hashBytes) {
    throw new Defect(
      'invariant_broken',
      `a node over ${left.length} and ${right.length} bytes, not two hashes`,
    );
  }
  pair.set(left, 1);
  pair.set(right, 1 + hashBytes);
  return sha256(pair);
}

const leafPrefix = Uint8Array.of(0);
const hashBytes = 32;
/** What a node's hash is of, written anew for each: 0x01, left, right. */
const pair = Uint8Array.of(1, ...new Uint8Array(2 * hashBytes));

/** The root over items in any order; of no items, SHA-256 of nothing. Two items of one id are a Defect. n hashes twice over. */
export function setRoot(items: readonly SetItem[]): Digest {
  return buildSet(items).root;
}

export function buildSet(items: readonly SetItem[]): MerkleSet {
  const sorted = [...items].sort((a, b) => compareCodePoints(a.id, b.id));
  for (let i = 1; i < sorted.length; i += 1) {
    if (sorted[i]?.id === sorted[i - 1]?.id) {
      throw new Defect('set_invalid', `${JSON.stringify(sorted[i]?.id)} is in the set twice`);
    }
  }
  return setOf(sorted, sorted.map(itemHash), [], 0, sorted.length);
}

/** The set with `item` in it, replacing one of the same id. A replacement costs O(log n) hashes, an insertion those right of it. */
export function putInSet(set: MerkleSet, item: SetItem): MerkleSet {
  const index = lowerBound(set.items, item.id);
  const replaces = set.items[index]?.id === item.id;
  const items = set.items.toSpliced(index, replaces ? 1 : 0, item);
  const leaves = (set.levels[0] ?? []).toSpliced(index, replaces ? 1 : 0, itemHash(item));
  return setOf(items, leaves, set.levels, index, replaces ? index + 1 : items.length);
}

/** The set without the item of that id; the same set where there is none. */
export function removeFromSet(set: MerkleSet, id: string): MerkleSet {
  const index = lowerBound(set.items, id);
  if (set.items[index]?.id !== id) return set;
  const items = set.items.toSpliced(index, 1);
  return setOf(items, (set.levels[0] ?? []).toSpliced(index, 1), set.levels, index, items.length);
}

export function itemInSet(set: MerkleSet, id: string): SetItem | undefined {
  const item = set.items[lowerBound(set.items, id)];
  return item?.id === id ? item : undefined;
}

/** The proof that the item of that id is in the set; `undefined` where it is not. */
export function proveInSet(set: MerkleSet, id: string): InclusionProof | undefined {
  const index = lowerBound(set.items, id);
  if (set.items[index]?.id !== id) return undefined;
  const path: Digest[] = [];
  let position = index;
  for (const level of set.levels) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) path.push(digestFromBytes(sibling));
    position >>= 1;
  }
  return { index, size: set.items.length, path };
}

function itemHash(item: SetItem): Uint8Array {
  return createHash('sha256')
    .update(leafPrefix)
    .update(encodeUtf8(item.id))
    .update(digestToBytes(item.digest))
    .digest();
}

/** Parents of `leaves`, taking over the earlier tree's nodes that have no leaf in [from, to) below them. */
function setOf(
  items: readonly SetItem[],
  leaves: readonly Uint8Array[],
  earlier: readonly (readonly Uint8Array[])[],
  from: number,
  to: number,
): MerkleSet {
  const levels: (readonly Uint8Array[])[] = [leaves];
  let below = leaves;
  let first = from;
  let end = to;
  while (below.length > 1) {
    first >>= 1;
    end = (end + 1) >> 1;
    const known = earlier[levels.length] ?? [];
    const size = Math.ceil(below.length / 2);
    const changed: Uint8Array[] = [];
    for (let i = first; i < Math.min(end, size); i += 1) changed.push(parent(below, i));
    const level = known.slice(0, first).concat(changed, known.slice(end, size));
    levels.push(level);
    below = level;
  }
  return { items, levels, root: digestFromBytes(below[0] ?? sha256(new Uint8Array(0))) };
}

function parent(below: readonly Uint8Array[], i: number): Uint8Array {
  const left = below[2 * i] as Uint8Array;
  const right = below[2 * i + 1];
  return right === undefined ? left : nodeHash(left, right);
}

function lowerBound(items: readonly SetItem[], id: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle] as SetItem;
    if (compareCodePoints(item.id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
