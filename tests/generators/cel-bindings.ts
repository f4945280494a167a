/** Random values of declared types, drawn from where evaluators differ. */

import fc from 'fast-check';
import type { Bindings } from '../../src/rules/closure.js';
import { type CelType, type Environment, isReadable, type StringType } from '../../src/rules/syntax/types.js';

export interface CelGeneratorOptions {
  /** Levels of operators; 3 when absent. */
  readonly depth?: number;
  /** Values worth comparing a path with, besides the usual ones. Paths as in `readsOf` (`service.regions[]` for elements). */
  readonly literals?: { readonly [path: string]: readonly (string | number)[] };
  /** How often a path is read, 1 when absent; 0 for never. */
  readonly weightOf?: (path: string) => number;
}

const small = [0, 1, 2, 3, 5, -1, -2];
const wide = [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), 94906265, 94906266, 2 ** 52];
const edge = [2 ** 53 - 1, 2 ** 53 - 2, -(2 ** 53 - 1), -(2 ** 53 - 2)];
const words = ['', 'a', 'b', 'EU', 'US', 'é', '😀', 'a b', "it's", '"', '\\', '\n', '// x', 'constructor'];

/** Integers near the places where implementations differ. */
export const interestingInts: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...small) },
  { weight: 2, arbitrary: fc.constantFrom(...wide) },
  { weight: 2, arbitrary: fc.constantFrom(...edge) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

export const interestingStrings: fc.Arbitrary<string> = fc.constantFrom(...words);

/** Bindings of the declared types; optional fields are absent half the time. */
export function bindingsOf(
  environment: Environment,
  options: CelGeneratorOptions = {},
): fc.Arbitrary<Bindings> {
  const entries = Object.entries(environment);
  const values = entries.map(([name, type]) => [name, valuesOf(type, name, options)] as const);
  return fc.record(Object.fromEntries(values));
}

function valuesOf(type: CelType, path: string, options: CelGeneratorOptions): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'int':
      return intsAt(path, options);
    case 'bool':
      return fc.boolean();
    case 'string':
      return stringsAt(type, path, options);
    case 'list':
      return fc.array(valuesOf(type.of, `${path}[]`, options), { maxLength: 4 });
    case 'struct': {
      const fields = Object.entries(type.fields).filter(([, field]) => isReadable(field));
      const requiredKeys = fields.filter(([, { optional }]) => !optional).map(([name]) => name);
      const values = fields.map(([name, field]) => [name, valuesOf(field.type, `${path}.${name}`, options)]);
      return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys });
    }
  }
}

export function intsAt(path: string, { literals = {} }: CelGeneratorOptions): fc.Arbitrary<number> {
  const known = (literals[path] ?? []).filter((value) => typeof value === 'number');
  return known.length === 0 ? interestingInts : fc.oneof(interestingInts, fc.constantFrom(...known));
}

export function stringsAt(
  type: StringType,
  path: string,
  { literals = {} }: CelGeneratorOptions,
): fc.Arbitrary<string> {
  if (type.values !== undefined) return fc.constantFrom(...type.values);
  const known = (literals[path] ?? []).filter((value) => typeof value === 'string');
  return known.length === 0 ? interestingStrings : fc.constantFrom(...known, ...known, '', 'other');
}
