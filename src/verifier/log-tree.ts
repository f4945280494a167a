// Generated from notebooks/math/07_transparency_log.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { nodeHash } from './digest.js';
import { concat, sha256 } from './sha256.js';

/** H(0x00 ‖ entry). */
export function entryHash(entry: Uint8Array): Uint8Array {
  return sha256(concat([new Uint8Array([0]), entry]));
}

/** The greatest power of two below n, for n > 1. */
export function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** MTH of entries whose hashes these are; n − 1 hashes. */
export function treeHash(hashes: readonly Uint8Array[], from = 0, to = hashes.length): Uint8Array {
  if (from === to) return sha256(new Uint8Array());
  if (to - from === 1) return hashes[from] as Uint8Array;
  const middle = from + split(to - from);
  return nodeHash(treeHash(hashes, from, middle), treeHash(hashes, middle, to));
}

/** PATH(index, D). */
export function auditPath(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return [];
  const k = split(hashes.length);
  return index < k
    ? [...auditPath(index, hashes.slice(0, k)), treeHash(hashes, k)]
    : [...auditPath(index - k, hashes.slice(k)), treeHash(hashes, 0, k)];
}

/** The root that a path leads to from the entry's hash; undefined when no such entry has a path of this length. */
export function rootOfPath(
  index: number,
  size: number,
  hash: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size))
    return undefined;
  const beside = path.at(-1);
  if (size === 1 || beside === undefined) return size === 1 && beside === undefined ? hash : undefined;
  const k = split(size);
  const left = index < k;
  const below = left
    ? rootOfPath(index, k, hash, path.slice(0, -1))
    : rootOfPath(index - k, size - k, hash, path.slice(0, -1));
  if (below === undefined) return undefined;
  return left ? nodeHash(below, beside) : nodeHash(beside, below);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether the path shows that the entry of this hash stands at `index` of the `size` entries under `root`. */
export function isIncluded(
  index: number,
  size: number,
  hash: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const found = path.every((each) => each.length === 32) ? rootOfPath(index, size, hash, path) : undefined;
  return found !== undefined && sameBytes(found, root);
}

/** PROOF(m, D) for 0 < m ≤ n; {} for m = 0. */
export function consistencyPath(m: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  return m === 0 ? [] : subproof(m, hashes, true);
}

function subproof(m: number, hashes: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === hashes.length) return whole ? [] : [treeHash(hashes)];
  const k = split(hashes.length);
  return m <= k
    ? [...subproof(m, hashes.slice(0, k), whole), treeHash(hashes, k)]
    : [...subproof(m - k, hashes.slice(k), false), treeHash(hashes, 0, k)];
}

interface Roots {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** `known`: the root of the old tree, while the subtree at hand still is all of it. */
function rootsOf(
  m: number,
  n: number,
  known: Uint8Array | undefined,
  path: readonly Uint8Array[],
): Roots | undefined {
  const beside = path.at(-1);
  if (m === n) {
    const root = known ?? beside;
    const length = known === undefined ? 1 : 0;
    return root !== undefined && path.length === length ? { before: root, after: root } : undefined;
  }
  if (beside === undefined) return undefined;
  const k = split(n);
  if (m <= k) {
    const below = rootsOf(m, k, known, path.slice(0, -1));
    return below && { before: below.before, after: nodeHash(below.after, beside) };
  }
  const below = rootsOf(m - k, n - k, undefined, path.slice(0, -1));
  return below && { before: nodeHash(beside, below.before), after: nodeHash(beside, below.after) };
}

/** Whether the path shows that the first m of the n entries under `after` are those under `before`. */
export function isConsistent(
  m: number,
  n: number,
  before: Uint8Array,
  after: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!(Number.isSafeInteger(m) && Number.isSafeInteger(n) && m >= 0 && m <= n)) return false;
  if (path.some((hash) => hash.length !== 32)) return false;
  if (m === 0) return path.length === 0 && sameBytes(before, treeHash([]));
  const roots = rootsOf(m, n, before, path);
  return roots !== undefined && sameBytes(roots.before, before) && sameBytes(roots.after, after);
}
