import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalText, rememberedText } from '../../../src/kernel/canonical.js';
import { Defect } from '../../../src/kernel/errors.js';

interface Vectors {
  readonly numbers: readonly (readonly [string, string])[];
  readonly refused_numbers: readonly string[];
  readonly documents: readonly { readonly source: string; readonly canonical: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/rfc8785.json', import.meta.url), 'utf8'),
) as Vectors;

function doubleOf(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE(0);
}

function nested(levels: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < levels; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('canonicalText writes the vectors of RFC 8785', () => {
  it.each(vectors.numbers)('number %s is %s', (bits, text) => {
    expect(canonicalText(doubleOf(bits))).toBe(text);
  });

  it.each(vectors.refused_numbers)('number %s is refused', (bits) => {
    expect(() => canonicalText(doubleOf(bits))).toThrow(Defect);
  });

  it.each(vectors.documents)('$canonical', ({ source, canonical }) => {
    expect(canonicalText(JSON.parse(source))).toBe(canonical);
    expect(Buffer.from(canonicalBytes(JSON.parse(source))).toString('utf8')).toBe(canonical);
  });
});

describe('canonicalText refuses what has no canonical form', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };
  const hidden = Object.defineProperty({ a: 1 }, 'b', { value: 2, enumerable: false });
  const cases: readonly (readonly [string, unknown])[] = [
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', ['\udc00a']],
    ['a reversed pair', '\udc00\ud800'],
    ['a lone surrogate in a key', { '\ud800': 1 }],
    ['NaN', { a: Number.NaN }],
    ['an infinity', [Number.POSITIVE_INFINITY]],
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a bigint', 1n],
    ['a symbol', Symbol('a')],
    ['a symbol as key', { [Symbol('a')]: 1 }],
    ['a function', () => 1],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    ['a hole in an array', [1, , 2]],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['an instance of a class', new (class Point {})()],
    ['an object with toJSON', { toJSON: () => 1 }],
    ['a boxed number', Object(1)],
    ['a typed array', Uint8Array.of(1)],
    ['a hidden member', hidden],
    ['a cycle', cycle],
    ['65 levels', nested(65)],
  ];

  it.each(cases)('%s', (_name, value) => {
    expect(() => canonicalText(value)).toThrow(
      expect.objectContaining({ code: 'canonical_invalid', name: 'Defect' }),
    );
  });
});

describe('canonicalText takes', () => {
  it('64 levels', () => {
    expect(canonicalText(nested(64))).toHaveLength(1 + 32 * 2 + 32 * 6);
  });

  it('objects without a prototype, and __proto__ as a name', () => {
    const bare = Object.assign(Object.create(null), JSON.parse('{"__proto__":1,"a":2}'));
    expect(canonicalText(bare)).toBe('{"__proto__":1,"a":2}');
    expect(canonicalText(JSON.parse('{"__proto__":{"b":1}}'))).toBe('{"__proto__":{"b":1}}');
  });

  it('the same object in two places', () => {
    const shared = { a: 1 };
    expect(canonicalText([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  it('integer-like names in the order of their text, not of their value', () => {
    expect(canonicalText({ 2: 0, 10: 0, 1: 0 })).toBe('{"1":0,"10":0,"2":0}');
  });
});

describe('rememberedText', () => {
  it('is the canonical text, alone and within another value', () => {
    const value = { b: [1, { c: 'ü' }], a: null };
    const text = canonicalText(value);
    expect(rememberedText(value)).toBe(text);
    expect(canonicalText(value)).toBe(text);
    expect(canonicalText({ z: 1, inner: value })).toBe(`{"inner":${text},"z":1}`);
  });

  it('is of the very value, not of one like it', () => {
    const value = { a: 1 };
    rememberedText(value);
    (value as { a: number }).a = 2;
    expect(canonicalText(value)).toBe('{"a":1}');
    expect(canonicalText({ ...value })).toBe('{"a":2}');
  });
});
