// Generated from notebooks/math/01_canonical_bytes.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { SetItem } from './digest.js';
import { leafHash, nodeHash } from './digest.js';
import { fromHex, toHex } from './sha256.js';

/** Where an item sits in a set: hashes in hex, leaf sibling first. */
export interface SetInclusion {
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
}

/** Root that an inclusion proof leads to (RFC 9162, section 2.1.3.2), or undefined when its form is wrong. */
export function rootOfInclusion(item: SetItem, { index, size, path }: SetInclusion): string | undefined {
  if (index < 0 || index >= size) return undefined;
  let fn = index;
  let sn = size - 1;
  let hash = leafHash(item);
  for (const text of path) {
    if (sn === 0) return undefined;
    const sibling = fromHex(text);
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
  return sn === 0 ? toHex(hash) : undefined;
}

/** A neighbour in an absence proof: its item, and where it sits. */
export interface Neighbour {
  readonly item: SetItem;
  readonly inclusion: SetInclusion;
}

/**
 * Why the proof does not show that `id` is not in the set under `root`; undefined when it does. In a sorted set an
 * absent id has a last item before it and a first item after it, and these two are adjacent (one of them is missing at
 * an end, both in the empty set). The path of the greater ends in "always left" and that of the lesser in "always
 * right" below their common node, which is why a wrong size cannot make two distant leaves look adjacent.
 */
export function absenceFault(
  id: string,
  root: string,
  size: number,
  before: Neighbour | undefined,
  after: Neighbour | undefined,
  emptyRoot: string,
): string | undefined {
  if (before === undefined && after === undefined) {
    return size === 0 && root === emptyRoot ? undefined : 'no neighbours, but the set is not empty';
  }
  for (const neighbour of [before, after]) {
    if (neighbour === undefined) continue;
    if (neighbour.inclusion.size !== size) return 'a neighbour of a set of another size';
    if (rootOfInclusion(neighbour.item, neighbour.inclusion) !== root)
      return 'a neighbour that is not in the set';
  }
  if (before !== undefined && byCodePoint(before.item.id, id) >= 0)
    return 'a first neighbour that is not before it';
  if (after !== undefined && byCodePoint(id, after.item.id) >= 0)
    return 'a second neighbour that is not after it';
  const below = before === undefined ? -1 : before.inclusion.index;
  const above = after === undefined ? size : after.inclusion.index;
  return above === below + 1 ? undefined : 'neighbours that are not adjacent';
}
