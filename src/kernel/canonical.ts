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
  const names = Object.keys(object);
  const hidden = Object.getOwnPropertyNames(object).length - names.length;
  if (hidden > 0 || Object.getOwnPropertySymbols(object).length > 0) {
    throw invalid('a symbol or hidden member');
  }
  sortNames(names);
  const members = object as Readonly<Record<string, unknown>>;
  let text = '{';
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    text += `${i === 0 ? '' : ','}${writeString(name)}:${write(members[name], depth)}`;
  }
  return `${text}}`;
}

const mostInserted = 24;

/** By UTF-16 code units, in place. Nearly all objects have few members: there insertion takes a third of the time of sort(). */
function sortNames(names: string[]): void {
  if (names.length > mostInserted) {
    // The default order of sort() is that of UTF-16 code units.
    names.sort();
    return;
  }
  for (let i = 1; i < names.length; i += 1) {
    const name = names[i] as string;
    let at = i;
    for (; at > 0 && (names[at - 1] as string) > name; at -= 1) names[at] = names[at - 1] as string;
    names[at] = name;
  }
}

function writeString(text: string): string {
  if (isPlain(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw invalid('a lone surrogate');
  // For well-formed strings ECMAScript's escapes are those of RFC 8785 §3.2.2.2.
  return JSON.stringify(text);
}

const longestWalked = 64;

/** Whether it is short, of printable ASCII, and needs no escape: what nearly all names and values are. */
function isPlain(text: string): boolean {
  if (text.length > longestWalked) return false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) return false;
  }
  return true;
}

const quote = 0x22;
const backslash = 0x5c;

function invalid(what: string): Defect {
  return new Defect('canonical_invalid', `${what} has no canonical form`);
}
