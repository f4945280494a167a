/**
 * A lexical pass over the source, before any parser sees it. It exists because the engine and the verifier parse
 * with different libraries: whatever the two would read differently, or one of them would mend silently, is
 * refused here. It also bounds nesting, so that no parser can run out of stack.
 */

import { problemAt, type RuleProblem } from './problem.js';

export const maxSourceLength = 4096;
export const maxNesting = 32;
/** Further problems of one expression are left out: 4,000 signs in a row are one mistake, not 4,000. */
export const maxProblems = 16;

interface Scan {
  /** The source with comments replaced by spaces: offsets are unchanged. */
  readonly text: string;
  readonly problems: readonly RuleProblem[];
}

type TokenKind = 'operand' | 'operator' | 'dot' | 'open' | 'close';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** A `!` or `-` with one operand. */
  readonly unary: boolean;
}

const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /[0-9](?:[0-9A-Za-z_]|\.[0-9]|(?<=[eE])[+-])*/y;
const escapeSequence =
  /\\(?:[abfnrtv\\?"'`]|[xX][0-9a-fA-F]{2}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[0-3][0-7]{2})/y;

/** Scans `source`. Linear time. */
export function scanSource(source: string): Scan {
  if (source.length > maxSourceLength) {
    const message = `the expression has ${source.length} characters; the limit is ${maxSourceLength}`;
    return {
      text: source,
      problems: [problemAt(source, 0, 'too_long', message, 'split it into several rules')],
    };
  }
  const scanner = new Scanner(source);
  scanner.run();
  return { text: scanner.text, problems: scanner.problems.slice(0, maxProblems) };
}

class Scanner {
  readonly problems: RuleProblem[] = [];
  text: string;
  private at = 0;
  private nesting = 0;
  private previous: Token | undefined;

  constructor(private readonly source: string) {
    this.text = source;
  }

  run(): void {
    if (/\p{Surrogate}/u.test(this.source)) {
      this.report(0, 'the text is not well-formed Unicode', 'remove the lone surrogates');
      return;
    }
    while (this.at < this.source.length && this.problems.length < maxProblems) this.next();
  }

  private next(): void {
    const start = this.at;
    const char = this.source.charAt(start);
    if (char === ' ' || char === '\t' || char === '\n') this.at += 1;
    else if (char === '\r' && this.source[start + 1] === '\n') this.at += 2;
    else if (char === '\r' || char === '\f') {
      this.report(start, 'this whitespace character is not accepted', 'use spaces, tabs or line feeds');
      this.at += 1;
    } else if (this.source.startsWith('//', start)) this.skipComment();
    else if (char === '"' || char === "'") this.scanString(start, false);
    else if (!this.scanWord()) this.scanOperator(char);
  }

  private skipComment(): void {
    const lineFeed = this.source.indexOf('\n', this.at);
    let end = lineFeed < 0 ? this.source.length : lineFeed;
    if (lineFeed > 0 && this.source[end - 1] === '\r') end -= 1;
    if (this.source.slice(this.at, end).includes('\r')) {
      this.report(this.at, 'a comment contains a carriage return', 'use line feeds');
    }
    this.text = this.text.slice(0, this.at) + ' '.repeat(end - this.at) + this.text.slice(end);
    this.at = end;
  }

  /** An identifier, a number, or the prefix of a string. */
  private scanWord(): boolean {
    const start = this.at;
    identifier.lastIndex = start;
    number.lastIndex = start;
    const word = identifier.exec(this.source)?.[0];
    const text = word ?? number.exec(this.source)?.[0];
    if (text === undefined) return false;
    this.at += text.length;
    const quote = this.source[this.at];
    if (word !== undefined && (quote === '"' || quote === "'")) {
      if (/^[rR]$/.test(word)) return this.scanString(start, true);
      const hint = 'write a plain string, "…", or a raw one, r"…"';
      this.report(start, `${word}${quote} does not start a string of the fragment`, hint);
      return this.scanString(start, /[rR]/.test(word));
    }
    this.push('operand', text);
    return true;
  }

  /** From the opening quote at `this.at`. */
  private scanString(start: number, raw: boolean): true {
    const quote = this.source.charAt(this.at);
    const triple = this.source.startsWith(quote.repeat(3), this.at);
    const close = triple ? quote.repeat(3) : quote;
    this.at += close.length;
    while (this.at < this.source.length) {
      if (this.source.startsWith(close, this.at)) {
        this.at += close.length;
        this.push('operand', '"');
        return true;
      }
      const char = this.source[this.at];
      if (char === '\r') this.report(this.at, 'a string contains a carriage return', 'write \\r');
      if (char === '\n' && !triple) break;
      if (char === '\\' && !raw) this.scanEscape();
      else this.at += 1;
    }
    this.report(start, 'the string is not closed', `close it with ${close}`);
    this.at = this.source.length;
    return true;
  }

  private scanEscape(): void {
    escapeSequence.lastIndex = this.at;
    const match = escapeSequence.exec(this.source);
    const digits = match?.[1] ?? match?.[2];
    const point = digits === undefined ? 0 : Number.parseInt(digits, 16);
    if (match === null || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
      const hint =
        'write \\\\ for a backslash; escapes are \\n \\r \\t \\" \\\' \\\\ \\xHH \\uHHHH \\UHHHHHHHH';
      this.report(this.at, 'this escape sequence is not one of CEL', hint);
      this.at += 2;
    } else this.at += match[0].length;
  }

  private scanOperator(char: string): void {
    const start = this.at;
    const pair = this.source.slice(start, start + 2);
    const text = /^(?:&&|\|\||==|!=|<=|>=)$/.test(pair) ? pair : char;
    this.at += text.length;
    if (text === '(' || text === '[' || text === '{') {
      this.nesting += 1;
      if (this.nesting === maxNesting + 1) {
        const message = `brackets are nested more than ${maxNesting} deep`;
        this.problems.push(problemAt(this.source, start, 'too_deep', message, 'split the rule into several'));
      }
      this.push('open', text);
    } else if (text === ')' || text === ']' || text === '}') {
      this.nesting -= 1;
      this.push('close', text);
    } else if (text === '.') this.scanDot(start);
    else if (text === '!' || text === '-') this.scanSign(start, text);
    else this.push('operator', text);
  }

  /** A leading dot means the root namespace to one parser and a syntax error to the other. */
  private scanDot(start: number): void {
    const left = this.previous?.kind;
    if (left !== 'operand' && left !== 'close') {
      this.report(start, 'nothing stands before this dot', 'name the variable: request.data, not .data');
    }
    this.push('dot', '.');
  }

  /** One parser drops `!!` and `--` whatever stands behind them; the other type-checks the operand. */
  private scanSign(start: number, text: string): void {
    const left = this.previous;
    const unary =
      left === undefined || left.kind === 'operator' || left.kind === 'open' || left.text === 'in';
    if (unary && left?.unary === true && left.text === text) {
      this.report(start, `two ${text} in a row`, 'remove both');
    }
    this.previous = { kind: 'operator', text, unary };
  }

  private push(kind: TokenKind, text: string): void {
    this.previous = { kind, text, unary: false };
  }

  private report(offset: number, message: string, hint: string): void {
    this.problems.push(problemAt(this.source, offset, 'syntax', message, hint));
  }
}
