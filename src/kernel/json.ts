import { type JsonPosition, positionFinder } from './json-position.js';
import { JsonReader } from './json-reader.js';
import type { JsonValue } from './json-value.js';
import { pointerTokens } from './pointer.js';
import type { Problem } from './problem.js';
import { err, ok, type Result } from './result.js';
import { utf8Length } from './utf8.js';

export type { JsonPosition } from './json-position.js';
export type { JsonValue } from './json-value.js';

/** What a text may hold at most. Each is checked before the memory is spent. */
export interface JsonLimits {
  /** UTF-8 bytes of the text. */
  readonly maxBytes: number;
  /** Nested arrays and objects; at most 512, for the reader recurses. */
  readonly maxDepth: number;
  /** Values, the root and each member and element counted: so keys are bounded too. */
  readonly maxValues: number;
}

export const defaultJsonLimits: JsonLimits = { maxBytes: 256 * 1024, maxDepth: 64, maxValues: 10_000 };

/** A value with its text: what a number was written as, and where anything stands. Made by `readJson`, or by a YAML reader. */
export interface SourceDocument {
  readonly value: JsonValue;
  /** The source text of the number at a pointer, digit for digit; `undefined` where no number is. */
  numberText(pointer: string): string | undefined;
  /** Where the value at a pointer starts, or its nearest ancestor that exists. The first call scans the text once more. */
  locate(pointer: string): JsonPosition;
}

/**
 * Strict JSON (RFC 8259) in one pass, linear in the text. What JSON.parse takes silently is refused: duplicate names, lone
 * surrogates (raw or escaped), numbers beyond a double's range; and what can hurt: more than the limits allow. Objects have no
 * prototype, so `__proto__` and `constructor` are names like any other. On error up to 16 problems, in the order of the text.
 */
export function readJson(
  text: string,
  limits?: Partial<JsonLimits>,
): Result<SourceDocument, readonly Problem[]> {
  const bounds = { ...defaultJsonLimits, ...limits };
  if (exceedsBytes(text, bounds.maxBytes)) {
    const message = `the text is longer than ${bounds.maxBytes} bytes`;
    return err([{ code: 'json_too_large', path: '', message, line: 1, column: 1 }]);
  }
  const reader = new JsonReader(text, Math.min(bounds.maxDepth, 512), bounds.maxValues);
  const value = reader.readDocument();
  if (value === undefined) return err(reader.problems);

  let find: ReturnType<typeof positionFinder> | undefined;
  return ok({
    value,
    numberText: (pointer) => numberText(value, reader, pointer),
    locate: (pointer) => {
      find ??= positionFinder(text);
      return find(pointer);
    },
  });
}

/** The value that a pointer leads to; `undefined` where nothing is. Array indexes are written without leading zeros (RFC 6901 §4). */
export function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  const tokens = pointerTokens(pointer);
  let here: JsonValue | undefined = tokens === undefined ? undefined : value;
  for (const token of tokens ?? []) {
    if (here === undefined) return undefined;
    here = childOf(here, token);
  }
  return here;
}

function numberText(root: JsonValue, reader: JsonReader, pointer: string): string | undefined {
  const slash = pointer.lastIndexOf('/');
  if (slash === -1)
    return pointer === '' && typeof root === 'number' ? (reader.rootLiteral ?? String(root)) : undefined;
  const parent = valueAt(root, pointer.slice(0, slash));
  const token = pointerTokens(pointer.slice(slash))?.[0];
  if (parent === undefined || token === undefined) return undefined;
  const value = childOf(parent, token);
  if (typeof value !== 'number') return undefined;
  // Literals that String(number) would not give back were kept; all others it does.
  return reader.literals.get(parent as object)?.get(token) ?? String(value);
}

function childOf(parent: JsonValue, token: string): JsonValue | undefined {
  if (typeof parent !== 'object' || parent === null) return undefined;
  if (isArray(parent)) return /^(0|[1-9][0-9]*)$/.test(token) ? parent[Number(token)] : undefined;
  return Object.hasOwn(parent, token) ? parent[token] : undefined;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function exceedsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && utf8Length(text) > maxBytes;
}
