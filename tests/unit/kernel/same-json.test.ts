import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { sameJson } from '../../../src/kernel/same-json.js';
import { seed } from '../../support/seed.js';

const value = () => fc.jsonValue({ maxDepth: 3 }).filter((json) => JSON.stringify(json).isWellFormed());

it('is equality of canonical texts', () => {
  fc.assert(
    fc.property(value(), value(), (one, other) => {
      expect(sameJson(one, other)).toBe(canonicalText(one) === canonicalText(other));
      expect(sameJson(one, JSON.parse(canonicalText(one)))).toBe(true);
    }),
    { seed, numRuns: 2000 },
  );
});

it.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 0 }, { a: -0 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: undefined }, { a: 1, c: 2 }, false],
  [[], {}, false],
  [[1, 2], [2, 1], false],
  [{ toString: 1 }, { a: 1 }, false],
  [null, {}, false],
  ['1', 1, false],
])('%j and %j: %s', (one, other, same) => {
  expect(sameJson(one, other)).toBe(same);
  expect(sameJson(other, one)).toBe(same);
});
