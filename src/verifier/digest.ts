// Generated from notebooks/math/01_canonical_bytes.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint, canonicalBytes, utf8 } from './canonical.js';
import { concat, fromHex, hmacSha256, sha256, toHex } from './sha256.js';

/** D(tag, v) = hex SHA-256(tag ‖ "\n" ‖ canonical(v)) (calculus, 1.5). */
export function digest(tag: string, value: unknown): string {
  return toHex(sha256(concat([utf8(`${tag}\n`), canonicalBytes(value)])));
}

/** HMAC-SHA-256(salt, canonical(value)) in hex (calculus, 1.7). */
export function commitment(salt: Uint8Array, value: unknown): string {
  return toHex(hmacSha256(salt, canonicalBytes(value)));
}

export interface SetItem {
  readonly id: string;
  readonly digest: string;
}

/** RFC 6962, section 2.1: H(0x00 ‖ id ‖ digest). */
export function leafHash(item: SetItem): Uint8Array {
  return sha256(concat([new Uint8Array([0]), utf8(item.id), fromHex(item.digest)]));
}

/** RFC 6962, section 2.1: H(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat([new Uint8Array([1]), left, right]));
}

/** Root of a set of items with distinct ids (calculus, 1.6), in hex. */
export function setRoot(items: readonly SetItem[]): string {
  const sorted = [...items].sort((a, b) => byCodePoint(a.id, b.id));
  return toHex(treeHash(sorted.map(leafHash)));
}

/** MTH: H("") of nothing, a leaf of itself, else split at the greatest power of two below n. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first, second] = leaves;
  if (first === undefined) return sha256(new Uint8Array());
  if (second === undefined) return first;
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}
