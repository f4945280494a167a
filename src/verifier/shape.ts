// Generated from notebooks/math/05_untrusted_documents.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import { Falsehood, pointer, shown } from './falsehood.js';

/** Throws a `malformed` Falsehood at the first place where a value has not this shape. */
export type Shape = (value: unknown, path: string) => void;

export interface Fields {
  readonly [name: string]: Shape;
}

function refuse(path: string, expected: string, found: unknown): never {
  throw new Falsehood('malformed', path, `expected ${expected}, found ${shown(found)}`);
}

export const text: Shape = (value, path) => {
  if (typeof value !== 'string') refuse(path, 'a text', value);
};

export const truth: Shape = (value, path) => {
  if (typeof value !== 'boolean') refuse(path, 'true or false', value);
};

export function integer(least: number, most: number): Shape {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      refuse(path, `an integer in ${least} … ${most}`, value);
    }
  };
}

/** Any integer that is exact, and any such from 0. */
export const anyInteger = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const natural = integer(0, Number.MAX_SAFE_INTEGER);

export function oneOf(...choices: readonly (string | number)[]): Shape {
  return (value, path) => {
    if (!choices.includes(value as string)) refuse(path, choices.map(shown).join(' or '), value);
  };
}

export function matching(pattern: RegExp, what: string): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || !pattern.test(value)) refuse(path, what, value);
  };
}

export function listOf(element: Shape, least = 0, most = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return refuse(path, 'a list', value);
    if (value.length < least || value.length > most) refuse(path, `${least} … ${most} elements`, value);
    for (const [i, item] of value.entries()) element(item, pointer(path, i));
  };
}

/** A list whose keys increase by code point: sorted, and none twice. */
export function sortedBy(element: Shape, keyOf: (item: never) => string): Shape {
  return (value, path) => {
    listOf(element)(value, path);
    const keys = (value as readonly never[]).map(keyOf);
    for (const [i, key] of keys.entries()) {
      const before = keys[i - 1];
      if (before !== undefined && byCodePoint(before, key) >= 0) {
        refuse(pointer(path, i), `something after ${shown(before)} in code-point order`, key);
      }
    }
  };
}

/** A set of texts: sorted by code point, none twice. */
export function setOf(element: Shape = text): Shape {
  return sortedBy(element, (item: string) => item);
}

/** A closed object: every required field, any of the optional ones, and no other. */
export function object(required: Fields, optional: Fields = {}): Shape {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(path, 'an object', value);
    const record = value as { readonly [name: string]: unknown };
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(record, name)) refuse(pointer(path, name), 'this field', undefined);
    }
    for (const [name, member] of Object.entries(record)) {
      const shape = Object.hasOwn(required, name) ? required[name] : optionalField(optional, name);
      if (shape === undefined) return refuse(pointer(path, name), 'no field of this name', member);
      shape(member, pointer(path, name));
    }
  };
}

function optionalField(optional: Fields, name: string): Shape | undefined {
  return Object.hasOwn(optional, name) ? optional[name] : undefined;
}

/** An object with free names. */
export function mapOf(member: Shape, name: Shape = text): Shape {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(path, 'an object', value);
    for (const [key, item] of Object.entries(value)) {
      name(key, pointer(path, key));
      member(item, pointer(path, key));
    }
  };
}

/** All of them: the first that refuses speaks. */
export function allOf(...shapes: readonly Shape[]): Shape {
  return (value, path) => {
    for (const shape of shapes) shape(value, path);
  };
}

/** A further condition on a value whose shape is already known to be right. */
export function where(holds: (value: never) => boolean, what: string): Shape {
  return (value, path) => {
    if (!holds(value as never)) refuse(path, what, value);
  };
}
