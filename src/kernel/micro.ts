import { err, ok, type Result } from './result.js';

export type DecimalError = 'not_a_number' | 'too_large' | 'too_fine';

/** `places` of each unit: a field in ms that is kept in µs has 3, one in USD kept in micro-USD has 6. */
const microPlaces = 6;

/** Longer exponents cannot be made up for by a mantissa that fits into memory, so they are read as this one. */
const exponentCap = 1_000_000_000;

/**
 * The number that `text` denotes times 10^places, as an exact integer of magnitude at most 2^53 - 1 (calculus §1). The text is a
 * JSON number (RFC 8259 §6), or one with a leading '+'. No double stands between: the digits are shifted as text.
 * 'too_large' wins where a text is both too large and too fine. '-0' is 0. Linear in the text, whatever the exponent says.
 */
export function parseDecimal(text: string, places: number): Result<number, DecimalError> {
  const literal = scanDecimal(text);
  if (literal === undefined) return err('not_a_number');
  const { negative, digits, exponent } = literal;
  if (digits === '') return ok(0);

  const shift = exponent + places;
  const magnitudeDigits = digits.length + shift;
  if (magnitudeDigits > 16) return err('too_large');
  if (shift < 0) {
    const whole = magnitudeDigits <= 0 ? 0 : Number(digits.slice(0, magnitudeDigits));
    return err(whole >= Number.MAX_SAFE_INTEGER ? 'too_large' : 'too_fine');
  }
  // At most 16 digits: exact when the value is at most 2^53 - 1, and never rounded to less than 2^53 when it is above.
  const magnitude = Number(digits + '0'.repeat(shift));
  if (magnitude > Number.MAX_SAFE_INTEGER) return err('too_large');
  return ok(negative ? -magnitude : magnitude);
}

/** The shortest exact decimal text of a count of micro-units: 50,000 is '0.05', -1 is '-0.000001'. */
export function formatMicro(micro: number): string {
  return formatDecimal(micro, microPlaces);
}

/** The shortest exact decimal text of `units` times 10^-places. `units` is a safe integer. */
export function formatDecimal(units: number, places: number): string {
  const digits = String(Math.abs(units)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  const fraction = digits.slice(whole.length, end);
  return `${units < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

interface DecimalLiteral {
  readonly negative: boolean;
  /** Significant digits: no zero at either end, '' for zero. */
  readonly digits: string;
  /** The value is digits times 10^exponent. */
  readonly exponent: number;
}

function scanDecimal(text: string): DecimalLiteral | undefined {
  const signed = text.startsWith('-') || text.startsWith('+');
  const wholeStart = signed ? 1 : 0;
  const wholeEnd = skipDigits(text, wholeStart);
  if (wholeEnd === wholeStart) return undefined;
  if (text.charCodeAt(wholeStart) === 0x30 && wholeEnd > wholeStart + 1) return undefined;

  let at = wholeEnd;
  let fraction = '';
  if (text[at] === '.') {
    const end = skipDigits(text, at + 1);
    if (end === at + 1) return undefined;
    fraction = text.slice(at + 1, end);
    at = end;
  }
  let exponent = 0;
  if (text[at] === 'e' || text[at] === 'E') {
    const sign = text[at + 1] === '-' ? -1 : 1;
    const start = text[at + 1] === '-' || text[at + 1] === '+' ? at + 2 : at + 1;
    const end = skipDigits(text, start);
    if (end === start) return undefined;
    exponent = sign * readExponent(text, start, end);
    at = end;
  }
  if (at !== text.length) return undefined;
  return trimmed(
    text.startsWith('-'),
    text.slice(wholeStart, wholeEnd) + fraction,
    exponent - fraction.length,
  );
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function readExponent(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to && value < exponentCap; at += 1)
    value = value * 10 + text.charCodeAt(at) - 0x30;
  return Math.min(value, exponentCap);
}

function trimmed(negative: boolean, digits: string, exponent: number): DecimalLiteral {
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === 0x30) start += 1;
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return { negative, digits: digits.slice(start, end), exponent: exponent + (digits.length - end) };
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
