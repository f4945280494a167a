import { Defect } from './errors.js';

/**
 * A set of positions 0 … size−1, 32 to a word, lowest bit first. Bits at and beyond `size` are 0. Functions that return a Bitset
 * return a fresh one; those that change one take it first and say so in their name (`…Into`, `addBit`, `removeBit`).
 * 10,000 positions are 313 words: an intersection costs about 150 ns.
 */
export interface Bitset {
  readonly size: number;
  readonly words: Int32Array;
}

export function emptyBitset(size: number): Bitset {
  return { size, words: new Int32Array((size + 31) >>> 5) };
}

export function fullBitset(size: number): Bitset {
  const words = new Int32Array((size + 31) >>> 5).fill(-1);
  const rest = size & 31;
  if (rest !== 0) words[words.length - 1] = (1 << rest) - 1;
  return { size, words };
}

/** The set of `positions`, each below `size`. */
export function bitsetOf(size: number, positions: Iterable<number>): Bitset {
  const bits = emptyBitset(size);
  for (const position of positions) addBit(bits, position);
  return bits;
}

export function copyBitset(bits: Bitset): Bitset {
  return { size: bits.size, words: bits.words.slice() };
}

export function addBit(bits: Bitset, position: number): void {
  const word = position >>> 5;
  bits.words[word] = wordAt(bits, word) | (1 << (position & 31));
}

export function removeBit(bits: Bitset, position: number): void {
  const word = position >>> 5;
  bits.words[word] = wordAt(bits, word) & ~(1 << (position & 31));
}

export function hasBit(bits: Bitset, position: number): boolean {
  return ((bits.words[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;
}

/** target ← a ∩ b. Any two of the three may be the same set. */
export function intersectInto(target: Bitset, a: Bitset, b: Bitset): void {
  sameSize(target, a);
  sameSize(a, b);
  const to = target.words;
  const left = a.words;
  const right = b.words;
  const unrolled = to.length & ~3;
  let i = 0;
  for (; i < unrolled; i += 4) {
    to[i] = (left[i] as number) & (right[i] as number);
    to[i + 1] = (left[i + 1] as number) & (right[i + 1] as number);
    to[i + 2] = (left[i + 2] as number) & (right[i + 2] as number);
    to[i + 3] = (left[i + 3] as number) & (right[i + 3] as number);
  }
  for (; i < to.length; i += 1) to[i] = (left[i] as number) & (right[i] as number);
}

/** target ← a ∖ b. Any two of the three may be the same set. */
export function subtractInto(target: Bitset, a: Bitset, b: Bitset): void {
  sameSize(target, a);
  sameSize(a, b);
  const to = target.words;
  const left = a.words;
  const right = b.words;
  const unrolled = to.length & ~3;
  let i = 0;
  for (; i < unrolled; i += 4) {
    to[i] = (left[i] as number) & ~(right[i] as number);
    to[i + 1] = (left[i + 1] as number) & ~(right[i + 1] as number);
    to[i + 2] = (left[i + 2] as number) & ~(right[i + 2] as number);
    to[i + 3] = (left[i + 3] as number) & ~(right[i + 3] as number);
  }
  for (; i < to.length; i += 1) to[i] = (left[i] as number) & ~(right[i] as number);
}

/** target ← target ∪ other. */
export function uniteInto(target: Bitset, other: Bitset): void {
  sameSize(target, other);
  const to = target.words;
  const from = other.words;
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] as number) | (from[i] as number);
}

export function intersect(a: Bitset, b: Bitset): Bitset {
  const result = emptyBitset(a.size);
  intersectInto(result, a, b);
  return result;
}

export function subtract(a: Bitset, b: Bitset): Bitset {
  const result = emptyBitset(a.size);
  subtractInto(result, a, b);
  return result;
}

/** Everything below `size` that is not in `bits`. */
export function complement(bits: Bitset): Bitset {
  const result = fullBitset(bits.size);
  subtractInto(result, result, bits);
  return result;
}

export function isEmptyBitset(bits: Bitset): boolean {
  const { words } = bits;
  for (let i = 0; i < words.length; i += 1) if (words[i] !== 0) return false;
  return true;
}

/** a ⊆ b. */
export function isSubset(a: Bitset, b: Bitset): boolean {
  sameSize(a, b);
  const left = a.words;
  const right = b.words;
  for (let i = 0; i < left.length; i += 1)
    if (((left[i] as number) & ~(right[i] as number)) !== 0) return false;
  return true;
}

export function countBits(bits: Bitset): number {
  const { words } = bits;
  let count = 0;
  for (let i = 0; i < words.length; i += 1) count += popCount(words[i] as number);
  return count;
}

/** |a ∩ b|, without making it. */
export function countCommon(a: Bitset, b: Bitset): number {
  sameSize(a, b);
  const left = a.words;
  const right = b.words;
  let count = 0;
  for (let i = 0; i < left.length; i += 1) {
    const common = (left[i] as number) & (right[i] as number);
    if (common !== 0) count += popCount(common);
  }
  return count;
}

/** The positions in the set, ascending; at most `limit` of them. */
export function positionsOf(bits: Bitset, limit = bits.size): Int32Array {
  const positions = new Int32Array(Math.min(limit, countBits(bits)));
  const { words } = bits;
  let found = 0;
  for (let i = 0; i < words.length && found < positions.length; i += 1) {
    let word = words[i] as number;
    while (word !== 0 && found < positions.length) {
      positions[found] = (i << 5) + 31 - Math.clz32(word & -word);
      found += 1;
      word &= word - 1;
    }
  }
  return positions;
}

/** Bits set in a word, whatever its sign (Warren, Hacker's Delight, fig. 5-2). */
function popCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

function wordAt(bits: Bitset, word: number): number {
  const value = bits.words[word];
  if (value === undefined) throw new Defect('internal', `position beyond a bitset of size ${bits.size}`);
  return value;
}

function sameSize(a: Bitset, b: Bitset): void {
  if (a.size !== b.size) throw new Defect('internal', `bitsets of sizes ${a.size} and ${b.size} met`);
}
