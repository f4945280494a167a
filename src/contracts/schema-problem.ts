import type { ErrorObject } from 'ajv';
import { type SourceDocument, valueAt } from '../kernel/json.js';
import { appendPointer } from '../kernel/pointer.js';
import type { Problem } from '../kernel/problem.js';
import { nearestName } from './nearest-name.js';
import type { ProblemCode } from './problem-codes.js';
import type { Finding } from './schema-keywords.js';

/** More problems than this are not told: nobody reads them, and a hostile text would make thousands. */
export const maxProblems = 100;
/** A longer path gives way to the part of it that is not. */
const maxPathLength = 1024;

type Unplaced = Omit<Problem, 'line' | 'column'> & { readonly code: ProblemCode };

/** Errors of the schema validator as problems: one a path and code, placed and sorted by position. */
export function problemsOf(document: SourceDocument, errors: readonly ErrorObject[]): readonly Problem[] {
  const found = new Map<string, Unplaced>();
  for (const error of errors) {
    const problem = problemOf(document, error);
    if (problem === undefined) continue;
    const key = `${problem.code} ${problem.path}`;
    if (!found.has(key)) found.set(key, problem);
    if (found.size === maxProblems) break;
  }
  return placed(document, [...found.values()]);
}

/** Problems with line and column, in the order of the text. */
export function placed(document: SourceDocument, problems: readonly Unplaced[]): readonly Problem[] {
  return problems
    .map((problem) => ({ ...problem, ...document.locate(problem.path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function problemOf(document: SourceDocument, error: ErrorObject): Unplaced | undefined {
  const path = boundedPath(error.instancePath);
  const { params } = error;
  const schema = (error.parentSchema ?? {}) as Annotations;
  const hinted = schema['x-hint'] === undefined ? {} : { hint: schema['x-hint'] };
  const found = (code: ProblemCode, message: string): Unplaced => ({
    code: schema['x-code'] ?? code,
    path,
    message,
    ...hinted,
  });

  // The error of a name says which name it is about; its own path is the object's.
  if (error.propertyName !== undefined && error.keyword !== 'propertyNames') {
    return {
      code: 'name_wrong',
      path: memberPath(path, error.propertyName),
      message: 'the name is not of its form',
      ...hinted,
    };
  }
  switch (error.keyword) {
    case 'x-finding': {
      const { code, message, hint } = params.finding as Finding;
      return hint === undefined ? { code, path, message } : { code, path, message, hint };
    }
    case 'required':
      return missing(document, error, path, schema);
    case 'additionalProperties':
      return unknown(error, path, schema);
    case 'type':
      return wrongType(document, error, path, schema);
    case 'enum':
    case 'const':
      return notAllowed(document, error, path);
    case 'pattern':
    case 'format':
      return found('format_wrong', 'the text is not of its form');
    case 'minLength':
    case 'maxLength':
      return found('length_wrong', `the text has ${bound(error)} characters`);
    case 'minItems':
    case 'maxItems':
      return found('count_wrong', `the list has ${bound(error)} items`);
    case 'minProperties':
    case 'maxProperties':
      return found('count_wrong', `the object has ${bound(error)} fields`);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return found(
        'number_out_of_range',
        `expected a number ${String(params.comparison)} ${String(params.limit)}`,
      );
    default:
      // `if` and `propertyNames` only sum up errors that are reported themselves.
      return undefined;
  }
}

interface Annotations {
  readonly 'x-code'?: ProblemCode;
  readonly 'x-hint'?: string;
  readonly 'x-operator'?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

function bound(error: ErrorObject): string {
  const few = error.keyword.startsWith('min');
  return `${few ? 'fewer than' : 'more than'} ${String(error.params.limit)}`;
}

function missing(
  document: SourceDocument,
  error: ErrorObject,
  path: string,
  schema: Annotations,
): Unplaced | undefined {
  const name = String(error.params.missingProperty);
  const operator = schema['x-operator'];
  // One problem is enough for a guarantee that has another operator in the place of its own.
  if (
    operator === name &&
    operators.some((other) => valueAt(document.value, `${path}/${other}`) !== undefined)
  ) {
    return undefined;
  }
  const hint = schema['x-hint'];
  const problem = {
    code: schema['x-code'] ?? 'field_missing',
    path: memberPath(path, name),
    message: `${name} is missing`,
  } as const;
  return hint === undefined ? problem : { ...problem, hint };
}

const operators = ['min', 'max', 'equals'];

function unknown(error: ErrorObject, path: string, schema: Annotations): Unplaced {
  const name = String(error.params.additionalProperty);
  const at = memberPath(path, name);
  const operator = schema['x-operator'];
  if (operator !== undefined && operators.includes(name)) {
    return {
      code: 'operator_wrong',
      path: at,
      message: `this property is bounded by ${operator}, not by ${name}`,
      hint: `write {${operator}: …}`,
    };
  }
  const known = Object.keys(schema.properties ?? {});
  const nearest = nearestName(name, known);
  return {
    code: 'field_unknown',
    path: at,
    message: `there is no field ${shown(name)} here`,
    hint: nearest === undefined ? `known are ${known.slice(0, 24).join(', ')}` : `did you mean ${nearest}?`,
  };
}

function wrongType(
  document: SourceDocument,
  error: ErrorObject,
  path: string,
  schema: Annotations,
): Unplaced | undefined {
  const wanted = [error.params.type as string | string[]].flat();
  const value = valueAt(document.value, error.instancePath);
  // `x-places` says it better: "expected an integer".
  if (typeof value === 'number' && wanted.includes('integer')) return undefined;
  const message = `expected ${wanted.map(typeName).join(' or ')}, found ${typeName(typeOf(value))}`;
  const hint = typeHint(value, wanted, schema, path);
  return hint === undefined
    ? { code: 'type_wrong', path, message }
    : { code: 'type_wrong', path, message, hint };
}

function typeHint(
  value: unknown,
  wanted: readonly string[],
  schema: Annotations,
  path: string,
): string | undefined {
  if (value === null) return path === '' ? undefined : 'leave the field out when there is nothing to say';
  if (schema['x-operator'] !== undefined) return `write {${schema['x-operator']}: …}`;
  if (schema['x-hint'] !== undefined) return schema['x-hint'];
  if (wanted.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return 'put it in quotes';
  if (typeof value !== 'string') return undefined;
  if (wanted.includes('boolean')) return 'write true or false, without quotes';
  return wanted.includes('number') || wanted.includes('integer') ? 'leave out the quotes' : undefined;
}

function notAllowed(document: SourceDocument, error: ErrorObject, path: string): Unplaced {
  const { allowedValues, allowedValue } = error.params as {
    allowedValues?: readonly unknown[];
    allowedValue?: unknown;
  };
  const allowed = (allowedValues ?? [allowedValue]).map(String);
  const value = valueAt(document.value, error.instancePath);
  const nearest = typeof value === 'string' ? nearestName(value, allowed) : undefined;
  const problem = { code: 'value_not_allowed', path, message: `expected ${allowed.join(', ')}` } as const;
  return nearest === undefined ? problem : { ...problem, hint: `did you mean ${nearest}?` };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'nothing (null)',
  undefined: 'nothing',
};

function typeName(type: string): string {
  return typeNames[type] ?? type;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function memberPath(parent: string, name: string): string {
  return boundedPath(appendPointer(parent, name));
}

function boundedPath(path: string): string {
  let short = path;
  while (short.length > maxPathLength) short = short.slice(0, short.lastIndexOf('/'));
  return short;
}

/** A name as it may go into a message: short, and nothing in it that a terminal obeys. */
function shown(name: string): string {
  return JSON.stringify(name.length > 48 ? `${name.slice(0, 48).toWellFormed()}…` : name);
}
