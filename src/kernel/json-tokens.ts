import { lineAndColumn } from './json-position.js';
import type { JsonValue } from './json-value.js';
import type { Problem } from './problem.js';

const maxProblems = 16;

export const quote = 0x22;
const backslash = 0x5c;
export const closeBracket = 0x5d;
export const closeBrace = 0x7d;
export const minus = 0x2d;
const zero = 0x30;

/** Thrown to leave the recursion after a problem past which no text can be read; never leaves the reader. */
export const stop = new Error('stop');

/** The tokens of JSON at a position in one text, and the problems met on the way. `JsonReader` puts them together. */
export abstract class JsonTokens {
  readonly problems: Problem[] = [];
  protected at = 0;
  /** The text of the number just read, where String(value) would not give it back. */
  protected literal: string | undefined;

  constructor(protected readonly text: string) {}

  /** A pointer to what is being read. */
  protected abstract path(): string;

  protected readWord<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.unexpected('a value');
    this.at += word.length;
    return value;
  }

  protected readString(): string {
    const { text } = this;
    const start = this.at + 1;
    let at = start;
    let unit = text.charCodeAt(at);
    // Past the end the unit is NaN, which is not >= 0x20 either.
    while (unit >= 0x20 && unit !== quote && unit !== backslash) {
      at += 1;
      unit = text.charCodeAt(at);
    }
    if (unit !== quote) return this.readEscapedString(start, at);
    const value = text.slice(start, at);
    this.at = at + 1;
    if (!value.isWellFormed()) this.reportSurrogate(start);
    return value;
  }

  private readEscapedString(start: number, firstEscape: number): string {
    const { text } = this;
    let value = '';
    let copied = start;
    let at = firstEscape;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === quote) break;
      if (unit === backslash) {
        value += text.slice(copied, at) + this.readEscape(at);
        at = this.at;
        copied = at;
      } else if (unit >= 0x20) at += 1;
      else {
        this.at = at;
        this.unexpected(
          at < text.length ? 'an escape instead of a control character' : 'the end of a string',
        );
      }
    }
    value += text.slice(copied, at);
    this.at = at + 1;
    // A raw half beside an escaped one joins to a pair that no UTF-8 text can hold, so both forms are looked at.
    if (!value.isWellFormed() || !text.slice(start, at).isWellFormed()) this.reportSurrogate(start);
    return value;
  }

  /** The character that the escape at `at` stands for; leaves `this.at` behind it. */
  private readEscape(at: number): string {
    const { text } = this;
    const plain = plainEscapes.get(text.charCodeAt(at + 1));
    if (plain !== undefined) {
      this.at = at + 2;
      return plain;
    }
    this.at = at;
    if (text[at + 1] !== 'u') this.unexpected('an escape of JSON');
    let unit = 0;
    for (let i = at + 2; i < at + 6; i += 1) {
      const digit = hexDigit(text.charCodeAt(i));
      if (digit === -1) this.unexpected("four hexadecimal digits behind '\\u'");
      unit = unit * 16 + digit;
    }
    this.at = at + 6;
    return String.fromCharCode(unit);
  }

  protected readNumber(): number {
    const { text } = this;
    const start = this.at;
    const negative = text.charCodeAt(start) === minus;
    const first = negative ? start + 1 : start;
    let at = first;
    let whole = 0;
    let unit = text.charCodeAt(at);
    while (isDigit(unit)) {
      whole = whole * 10 + (unit - zero);
      at += 1;
      unit = text.charCodeAt(at);
    }
    this.at = at;
    const digits = at - first;
    if (digits === 0) this.unexpected('a digit');
    if (digits > 1 && text.charCodeAt(first) === zero)
      this.failNumber('a number does not start with zero', start);
    const plain = unit !== 0x2e && unit !== 0x65 && unit !== 0x45;
    // Fifteen digits were summed without rounding; '-0' is the one plain integer that String() writes otherwise.
    if (plain && digits <= 15 && !(negative && whole === 0)) return negative ? -whole : whole;
    if (!plain) this.skipFractionAndExponent(unit);
    return this.numberFromText(start);
  }

  private skipFractionAndExponent(next: number): void {
    let unit = next;
    if (unit === 0x2e) {
      this.at += 1;
      this.skipDigits();
      unit = this.text.charCodeAt(this.at);
    }
    if (unit === 0x65 || unit === 0x45) {
      this.at += 1;
      const sign = this.text.charCodeAt(this.at);
      if (sign === minus || sign === 0x2b) this.at += 1;
      this.skipDigits();
    }
  }

  private skipDigits(): void {
    if (!isDigit(this.text.charCodeAt(this.at))) this.unexpected('a digit');
    while (isDigit(this.text.charCodeAt(this.at))) this.at += 1;
  }

  private numberFromText(start: number): number {
    const literal = this.text.slice(start, this.at);
    const value = Number(literal);
    if (!Number.isFinite(value)) {
      this.report('json_number_range', 'the number is beyond the range of a double', start);
    }
    if (String(value) !== literal) this.literal = literal;
    return value;
  }

  protected takeLiteral(): string | undefined {
    const { literal } = this;
    this.literal = undefined;
    return literal;
  }

  protected skipSpace(): void {
    const { text } = this;
    let unit = text.charCodeAt(this.at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      this.at += 1;
      unit = text.charCodeAt(this.at);
    }
  }

  private reportSurrogate(at: number): void {
    this.report('json_lone_surrogate', 'the string holds half of a surrogate pair', at);
  }

  private failNumber(message: string, at: number): never {
    return this.fail('json_syntax', message, at);
  }

  protected unexpected(expected: string): never {
    const found =
      this.at < this.text.length ? JSON.stringify(this.characterAt(this.at)) : 'the end of the text';
    const hint = hints.get(this.text.charCodeAt(this.at));
    return this.fail('json_syntax', `expected ${expected}, found ${found}`, this.at, hint);
  }

  private characterAt(at: number): string {
    return String.fromCodePoint(this.text.codePointAt(at) ?? 0).toWellFormed();
  }

  protected fail(code: string, message: string, at: number, hint?: string): never {
    this.report(code, message, at, hint);
    throw stop;
  }

  protected report(code: string, message: string, at: number, hint?: string): void {
    const { line, column } = lineAndColumn(this.text, at);
    const problem: Problem = { code, path: this.path(), message, line, column };
    this.problems.push(hint === undefined ? problem : { ...problem, hint });
    if (this.problems.length === maxProblems) throw stop;
  }
}

const plainEscapes: ReadonlyMap<number, string> = new Map(
  [...'"\\/bfnrt'].map((letter) => [letter.charCodeAt(0), JSON.parse(`"\\${letter}"`) as string]),
);

const hints: ReadonlyMap<number, string> = new Map([
  [0x27, 'strings take double quotes'],
  [0x2f, 'JSON has no comments'],
  [0x23, 'JSON has no comments'],
  [0xfeff, 'leave out the byte order mark'],
  [closeBrace, 'is there a comma too many?'],
  [closeBracket, 'is there a comma too many?'],
  [0x2b, "numbers take no '+'"],
  [0x2e, "numbers start with a digit: write '0.5'"],
]);

export function isDigit(unit: number): boolean {
  return unit >= zero && unit <= 0x39;
}

function hexDigit(unit: number): number {
  if (isDigit(unit)) return unit - zero;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
