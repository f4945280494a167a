import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitsetOf,
  complement,
  countBits,
  countCommon,
  emptyBitset,
  fullBitset,
  hasBit,
  intersect,
  intersectInto,
  isEmptyBitset,
  positionsOf,
  removeBit,
  subtract,
  uniteInto,
} from '../../../src/kernel/bitset.js';
import { seed } from '../../support/seed.js';

const twoSets = fc.integer({ min: 0, max: 300 }).chain((size) => {
  const positions = fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, size - 1) }), {
    maxLength: size,
  });
  return fc.record({ size: fc.constant(size), a: positions, b: positions });
});

test('bitsets are sets of positions', () => {
  fc.assert(
    fc.property(twoSets, ({ size, a, b }) => {
      const [setA, setB] = [new Set(size === 0 ? [] : a), new Set(size === 0 ? [] : b)];
      const [bitsA, bitsB] = [bitsetOf(size, setA), bitsetOf(size, setB)];
      const sorted = (of: Iterable<number>) => [...of].sort((x, y) => x - y);
      expect([...positionsOf(bitsA)]).toEqual(sorted(setA));
      expect([...positionsOf(bitsA, 3)]).toEqual(sorted(setA).slice(0, 3));
      expect(countBits(bitsA)).toBe(setA.size);
      const common = sorted(setA).filter((x) => setB.has(x));
      expect([...positionsOf(intersect(bitsA, bitsB))]).toEqual(common);
      expect(countCommon(bitsA, bitsB)).toBe(common.length);
      expect([...positionsOf(subtract(bitsA, bitsB))]).toEqual(sorted(setA).filter((x) => !setB.has(x)));
      expect(countBits(complement(bitsA))).toBe(size - setA.size);
      expect(isEmptyBitset(bitsA)).toBe(setA.size === 0);
      uniteInto(bitsA, bitsB);
      expect([...positionsOf(bitsA)]).toEqual(sorted(new Set([...setA, ...setB])));
      for (const position of setB) removeBit(bitsA, position);
      expect([...setB].some((position) => hasBit(bitsA, position))).toBe(false);
    }),
    { seed, numRuns: 300 },
  );
});

test('a full set has exactly its size, at every size around a word', () => {
  for (const size of [0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129]) {
    expect(countBits(fullBitset(size))).toBe(size);
    expect(countBits(complement(emptyBitset(size)))).toBe(size);
  }
});

test('sets of different sizes do not meet, and no position is beyond the size', () => {
  expect(() => intersectInto(emptyBitset(64), emptyBitset(64), emptyBitset(65))).toThrow('sizes 64 and 65');
  expect(() => bitsetOf(32, [32])).toThrow('beyond');
});
