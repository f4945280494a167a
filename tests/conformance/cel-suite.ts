/** The cel-spec conformance data as cases of ours: source, declared variables, bindings, expected outcome. */

import { getConformanceSuite, type IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import type { CelType, Environment, ListType } from '../../src/rules/syntax/types.js';

export interface ConformanceCase {
  readonly name: string;
  readonly source: string;
  readonly environment: Environment;
  readonly bindings: { readonly [variable: string]: unknown };
  /** Integers as BigInt; `error` for an evaluation error. */
  readonly expected: bigint | boolean | string;
}

/** A case, or why it says nothing about the fragment. */
export type Translated = ConformanceCase | { readonly name: string; readonly outside: string };

type Original = IncrementalTestSuite['tests'][number]['original'];
type Value = NonNullable<Extract<Original['resultMatcher'], { case: 'value' }>['value']>;
type Type = NonNullable<Extract<Original['typeEnv'][number]['declKind'], { case: 'ident' }>['value']['type']>;

export function conformanceCases(): readonly Translated[] {
  return flatten(getConformanceSuite()).map(({ path, original }) => translate(path, original));
}

function flatten(
  suite: IncrementalTestSuite,
  prefix = '',
): { readonly path: string; readonly original: Original }[] {
  const path = prefix === '' ? suite.name : `${prefix}/${suite.name}`;
  return [
    ...suite.tests.map(({ name, original }) => ({ path: `${path}/${name}`, original })),
    ...suite.suites.flatMap((inner) => flatten(inner, path)),
  ];
}

function translate(name: string, test: Original): Translated {
  if (test.disableMacros || test.checkOnly) return { name, outside: 'a mode of other checkers' };
  if (test.container !== '') return { name, outside: 'name resolution in a container' };
  const expected = expectedOf(test);
  if (expected === undefined) return { name, outside: 'the result is of a type outside the fragment' };
  const environment: Record<string, CelType> = {};
  for (const declaration of test.typeEnv) {
    if (declaration.declKind.case !== 'ident') return { name, outside: 'it declares functions' };
    const type = typeOf(declaration.declKind.value.type);
    if (type === undefined) return { name, outside: 'a variable is of a type outside the fragment' };
    environment[declaration.name] = type;
  }
  const bindings: Record<string, unknown> = {};
  for (const [variable, { kind }] of Object.entries(test.bindings)) {
    const value = kind.case === 'value' ? bindingOf(kind.value) : undefined;
    if (value === undefined) return { name, outside: 'a variable is of a type outside the fragment' };
    bindings[variable] = value;
  }
  return { name, source: test.expr, environment, bindings, expected };
}

function expectedOf(test: Original): ConformanceCase['expected'] | undefined {
  const { resultMatcher } = test;
  switch (resultMatcher.case) {
    case 'evalError':
      return 'error';
    case 'value':
      return scalarOf(resultMatcher.value);
    case 'typedResult':
      return resultMatcher.value.result && scalarOf(resultMatcher.value.result);
    case undefined:
      // The suite's own default.
      return true;
    default:
      return undefined;
  }
}

function scalarOf({ kind }: Value): bigint | boolean | string | undefined {
  if (kind.case === 'int64Value' || kind.case === 'boolValue') return kind.value;
  return kind.case === 'stringValue' ? JSON.stringify(kind.value) : undefined;
}

/** As our bindings have it: numbers for integers. */
function bindingOf({ kind }: Value): unknown {
  switch (kind.case) {
    case 'int64Value':
      return Number(kind.value);
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'listValue': {
      const values = kind.value.values.map(bindingOf);
      return values.includes(undefined) ? undefined : values;
    }
    default:
      return undefined;
  }
}

/** Primitive types by number in `cel.expr.Type.PrimitiveType`. */
const primitives: { readonly [number: number]: CelType } = {
  1: { kind: 'bool' },
  2: { kind: 'int' },
  5: { kind: 'string' },
};

function typeOf(type: Type | undefined): CelType | undefined {
  if (type?.typeKind.case === 'primitive') return primitives[type.typeKind.value];
  if (type?.typeKind.case !== 'listType') return undefined;
  const element = typeOf(type.typeKind.value.elemType);
  return element && { kind: 'list', of: element as ListType['of'] };
}
