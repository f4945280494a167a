// Generated from notebooks/math/01_canonical_bytes.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

/** What a JSON text holds; objects have no prototype, so no name in them is special. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const deepestJson = 64;

/**
 * Strict JSON for untrusted text: RFC 8259, and no key twice, no lone surrogate, at most 64 levels, and only numbers
 * that are integers within ±(2⁵³−1) written as such (no fraction, no exponent, no −0). Throws SyntaxError that names
 * the offset.
 */
export function readJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class JsonReader {
  private offset = 0;
  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > deepestJson) this.fail(`more than ${deepestJson} levels`);
    this.space();
    const next = this.text[this.offset];
    if (next === '{') return this.object(depth);
    if (next === '[') return this.array(depth);
    if (next === '"') return this.string();
    const word = this.match(/true|false|null|-?[0-9]+/y);
    if (word === '') return this.fail('no value');
    if (word === 'true') return true;
    if (word === 'false') return false;
    return word === 'null' ? null : this.integer(word);
  }

  end(): void {
    this.space();
    if (this.offset < this.text.length) this.fail('text after the value');
  }

  private object(depth: number): Json {
    const members: { [key: string]: Json } = Object.create(null);
    this.offset += 1;
    if (this.skip('}')) return members;
    do {
      this.space();
      if (this.text[this.offset] !== '"') this.fail('no key');
      const key = this.string();
      if (Object.hasOwn(members, key)) this.fail(`the key ${JSON.stringify(key)} a second time`);
      if (!this.skip(':')) this.fail('no colon');
      members[key] = this.value(depth + 1);
    } while (this.skip(','));
    if (!this.skip('}')) this.fail('an object without end');
    return members;
  }

  private array(depth: number): Json {
    const elements: Json[] = [];
    this.offset += 1;
    if (this.skip(']')) return elements;
    do elements.push(this.value(depth + 1));
    while (this.skip(','));
    if (!this.skip(']')) this.fail('a list without end');
    return elements;
  }

  private integer(word: string): number {
    const value = Number(word);
    const following = this.text[this.offset] ?? '';
    if ('.eE'.includes(following) && following !== '') this.fail('a number that is not an integer');
    if (!Number.isSafeInteger(value) || String(value) !== word) this.fail(`the number ${word.slice(0, 40)}`);
    return value;
  }

  private string(): string {
    const start = this.offset;
    this.match(/"(?:[ !#-[\]-\uffff]+|\\.)*/y);
    if (this.text[this.offset] !== '"') this.fail('a string without end, or with a control character');
    this.offset += 1;
    const quoted = this.text.slice(start, this.offset);
    const value = quoted.includes('\\') ? this.unescape(quoted) : quoted.slice(1, -1);
    if (/\p{Surrogate}/u.test(value)) this.fail('a lone surrogate');
    return value;
  }

  /** The platform's own reading of one string: it knows no duplicate keys to hide, and refuses unknown escapes. */
  private unescape(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.fail('an unknown escape');
    }
  }

  private skip(character: string): boolean {
    this.space();
    if (this.text[this.offset] !== character) return false;
    this.offset += 1;
    return true;
  }

  private space(): void {
    this.match(/[ \t\n\r]*/y);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.offset += found.length;
    return found;
  }

  private fail(found: string): never {
    throw new SyntaxError(`found ${found} at offset ${this.offset}`);
  }
}
