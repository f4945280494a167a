// Generated from notebooks/math/01_canonical_bytes.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

/**
 * RFC 8785: keys by UTF-16 code unit, no white space, ECMAScript number text. Throws TypeError for what JSON
 * cannot carry exactly (undefined, NaN, lone surrogates): such a value has no canonical bytes.
 */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`no canonical text for ${typeof value}`);
  const record = value as { readonly [key: string]: unknown };
  const members = Object.keys(record)
    .sort()
    .map((key) => `${canonicalString(key)}:${canonicalText(record[key])}`);
  return `{${members.join(',')}}`;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('no canonical text for a number that is not finite');
  return JSON.stringify(value);
}

function canonicalString(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new TypeError('no canonical text for a lone surrogate');
  return JSON.stringify(value);
}

/** utf8(canonicalText(value)). */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalText(value));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Order by Unicode code point, which differs from UTF-16 order beyond U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length) {
    const [x, y] = [a.codePointAt(i) as number, b.codePointAt(i) as number];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

/** Sorted by code point, without repeats. */
export function asSet(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(byCodePoint);
}
