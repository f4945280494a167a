// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { canonicalText } from './canonical.js';
import { pointer, shown } from './falsehood.js';

export interface Difference {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** The first place, in order of keys and elements, where two JSON values differ; undefined when they are equal. */
export function firstDifference(expected: unknown, found: unknown, path: string): Difference | undefined {
  const [left, right] = [partsOf(expected), partsOf(found)];
  if (left === undefined || right === undefined || Array.isArray(expected) !== Array.isArray(found)) {
    if (textOf(expected) === textOf(found)) return undefined;
    return { path, expected: shown(expected), found: shown(found) };
  }
  for (const name of [...new Set([...Object.keys(left), ...Object.keys(right)])]) {
    const difference = firstDifference(memberOf(left, name), memberOf(right, name), pointer(path, name));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

type Parts = { readonly [name: string]: unknown };

function partsOf(value: unknown): Parts | undefined {
  return typeof value === 'object' && value !== null ? (value as Parts) : undefined;
}

function memberOf(parts: Parts, name: string): unknown {
  return Object.hasOwn(parts, name) ? parts[name] : undefined;
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalText(value);
}
