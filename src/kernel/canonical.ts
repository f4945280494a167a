import { Defect } from './errors.js';
import { encodeUtf8 } from './utf8.js';

/** Deeper values are refused; it is also what catches cycles. */
const maxDepth = 64;

/**
 * The canonical text of a JSON value, RFC 8785 to the letter: members sorted by UTF-16 code units (§3.2.3), numbers as ECMAScript
 * writes them (§3.2.2.3), strings with the shortest escapes (§3.2.2.2). About 10 µs for 2 KB.
 *
 * Strict where JSON.stringify is lenient: a lone surrogate (in keys too), NaN, an infinity, `undefined`, a bigint, symbol or
 * function, a hole in an array, anything but plain objects and arrays, and more than 64 levels (so any cycle) throw a Defect
 * `canonical_invalid`: whoever digests a value has parsed it before.
 */
export function canonicalText(value: unknown): string {
  return write(value, 0);
}

/** Of values that are known not to change any more. */
const remembered = new WeakMap<object, string>();

/**
 * `canonicalText`, remembered with the value for as long as that is in memory: written again, alone or within another value, it costs a look-up.
 * For a value that is measured, signed and stored in turn. Nothing in it may change from here on.
 */
export function rememberedText(value: object): string {
  const text = canonicalText(value);
  remembered.set(value, text);
  return text;
}

/** UTF-8 of `canonicalText`. */
export function canonicalBytes(value: unknown): Uint8Array {
  return encodeUtf8(canonicalText(value));
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      if (!Number.isFinite(value)) throw invalid(`the number ${value}`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth === maxDepth) throw invalid(`more than ${maxDepth} levels, or a cycle`);
      if (Array.isArray(value)) return writeArray(value, depth + 1);
      return remembered.get(value) ?? writeObject(value, depth + 1);
    default:
      throw invalid(`a value of type ${typeof value}`);
  }
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < items.length; i += 1) {
    text += i === 0 ? write(items[i], depth) : `,${write(items[i], depth)}`;
  }
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw invalid('an object that is not plain');
  const keys = Object.keys(object);
  if (Reflect.ownKeys(object).length !== keys.length) throw invalid('a symbol or hidden member');
  // Default order of sort() is that of UTF-16 code units.
  keys.sort();
  const members = object as Readonly<Record<string, unknown>>;
  let text = '{';
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] as string;
    text += `${i === 0 ? '' : ','}${writeString(key)}:${write(members[key], depth)}`;
  }
  return `${text}}`;
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw invalid('a lone surrogate');
  // For well-formed strings ECMAScript's escapes are those of RFC 8785 §3.2.2.2.
  return JSON.stringify(text);
}

function invalid(what: string): Defect {
  return new Defect('canonical_invalid', `${what} has no canonical form`);
}
