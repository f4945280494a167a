/** Expressions as text, with brackets where the grammar needs them and variety where it does not. */

import fc from 'fast-check';
import type { ScalarType } from '../../src/rules/syntax/types.js';
import { type CelGeneratorOptions, intsAt, stringsAt } from './cel-bindings.js';

/** Text and how tightly its outermost operator binds: 0 `?:`, 1 `||`, 2 `&&`, 3 relations, 4 sums, 5 products, 6 signs, 7 the rest. */
export interface Piece {
  readonly text: string;
  readonly level: number;
}

export function choose<T>(...options: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
  const weighted = options.map(([weight, arbitrary]) => ({ weight, arbitrary }));
  return fc.oneof({ withCrossShrink: true }, ...weighted);
}

const spaces = ['', ' ', ' ', ' ', '  ', '\n  ', '\t', ' // why\n', '\r\n'];

/** `left op right`; both sides get brackets where the grammar needs them, and sometimes where it does not. */
export function infix(
  left: fc.Arbitrary<Piece>,
  operator: fc.Arbitrary<string>,
  right: fc.Arbitrary<Piece>,
  level: number,
  rightLevel = level + 1,
): fc.Arbitrary<Piece> {
  const style = fc.tuple(fc.constantFrom(...spaces), fc.constantFrom(...spaces), fc.nat(9));
  return fc.tuple(left, operator, right, style).map(([a, op, b, [before, after, brackets]]) => {
    const leftText = brackets === 1 ? `(${a.text})` : bracketed(a, level);
    const rightText = brackets === 2 ? `( ${b.text} )` : bracketed(b, rightLevel);
    const [gapBefore, gapAfter] = op === 'in' ? [before || ' ', after || ' '] : [before, after];
    return { text: `${leftText}${gapBefore}${op}${gapAfter}${rightText}`, level };
  });
}

export function bracketed({ text, level }: Piece, least: number): string {
  return level < least ? `(${text})` : text;
}

export function listPiece(members: readonly Piece[]): Piece {
  return { text: `[${members.map(({ text }) => text).join(', ')}]`, level: 7 };
}

export function boolPiece(value: boolean): Piece {
  return { text: String(value), level: 7 };
}

export function intPiece(value: number): Piece {
  return { text: String(value), level: value < 0 ? 6 : 7 };
}

export function literalOf(type: ScalarType, path: string, options: CelGeneratorOptions): fc.Arbitrary<Piece> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean().map(boolPiece);
    case 'int':
      return fc.tuple(intsAt(path, options), fc.nat(9)).map(([value, style]) => {
        if (style > 0) return intPiece(value);
        const digits = `0x${Math.abs(value).toString(16)}`;
        return { text: value < 0 ? `-${digits}` : digits, level: value < 0 ? 6 : 7 };
      });
    case 'string':
      return fc
        .tuple(stringsAt(type, path, options), fc.nat(5))
        .map(([value, style]) => ({ text: quoted(value, style), level: 7 }));
  }
}

/** A string literal in one of the ways to write it. */
export function quoted(value: string, style: number): string {
  const quote = style === 1 || style === 3 ? "'" : '"';
  if (style === 2 && !/["\\\n]/.test(value)) return `r"${value}"`;
  if (style === 3 && !/['\\\r]/.test(value)) return `'''${value}'''`;
  const characters = [...value].map((character) => {
    if (character === quote || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    const point = character.codePointAt(0) as number;
    if (style === 4 && point > 0xffff) return `\\U${point.toString(16).padStart(8, '0')}`;
    return style === 4 && point > 0x7e ? `\\u${point.toString(16).padStart(4, '0')}` : character;
  });
  return `${quote}${characters.join('')}${quote}`;
}
