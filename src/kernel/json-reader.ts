import { closeBrace, closeBracket, isDigit, JsonTokens, minus, quote, stop } from './json-tokens.js';
import type { JsonValue } from './json-value.js';
import { appendPointer } from './pointer.js';

/** A path longer than this gives way to its longest ancestor that is not, so that answers stay small. */
const maxPathLength = 1024;

const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const openBrace = 0x7b;

/** One pass over one text; see `readJson` for what it refuses. Not part of the kernel's interface. */
export class JsonReader extends JsonTokens {
  /** container -> name or index -> the number's text, for the literals that String(number) does not give back. */
  readonly literals = new Map<object, Map<string, string>>();
  rootLiteral: string | undefined;

  private depth = 0;
  private values = 0;
  /** Name or index at each level; only the first `depth` entries count. */
  private readonly trail: (string | number)[] = [];

  constructor(
    text: string,
    private readonly maxDepth: number,
    private readonly maxValues: number,
  ) {
    super(text);
  }

  readDocument(): JsonValue | undefined {
    try {
      this.skipSpace();
      const value = this.readValue();
      this.rootLiteral = this.takeLiteral();
      this.skipSpace();
      if (this.at < this.text.length) this.unexpected('nothing more');
      return this.problems.length === 0 ? value : undefined;
    } catch (thrown) {
      if (thrown !== stop) throw thrown;
      return undefined;
    }
  }

  private readValue(): JsonValue {
    this.values += 1;
    if (this.values > this.maxValues) {
      this.fail('json_too_many_values', `more than ${this.maxValues} values`, this.at);
    }
    const unit = this.text.charCodeAt(this.at);
    switch (unit) {
      case quote:
        return this.readString();
      case openBrace:
        return this.readObject();
      case openBracket:
        return this.readArray();
      case 0x74:
        return this.readWord('true', true);
      case 0x66:
        return this.readWord('false', false);
      case 0x6e:
        return this.readWord('null', null);
      default:
        if (unit === minus || isDigit(unit)) return this.readNumber();
        return this.unexpected('a value');
    }
  }

  private readObject(): JsonValue {
    const object: Record<string, JsonValue> = Object.create(null);
    this.enter();
    if (this.text.charCodeAt(this.at) !== closeBrace) {
      do {
        this.skipSpace();
        this.readMember(object);
      } while (this.continues(closeBrace, "',' or '}'"));
    } else this.at += 1;
    this.depth -= 1;
    return object;
  }

  private readMember(object: Record<string, JsonValue>): void {
    const nameAt = this.at;
    if (this.text.charCodeAt(nameAt) !== quote) this.unexpected('a name in double quotes');
    const name = this.readString();
    this.trail[this.depth - 1] = name;
    if (name in object) this.report('json_duplicate_key', 'the name occurs twice in its object', nameAt);
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== colon) this.unexpected("':'");
    this.at += 1;
    this.skipSpace();
    object[name] = this.readValue();
    if (this.literal !== undefined) this.keepLiteral(object, name);
  }

  private readArray(): JsonValue {
    const array: JsonValue[] = [];
    this.enter();
    if (this.text.charCodeAt(this.at) !== closeBracket) {
      do {
        this.skipSpace();
        this.trail[this.depth - 1] = array.length;
        array.push(this.readValue());
        if (this.literal !== undefined) this.keepLiteral(array, String(array.length - 1));
      } while (this.continues(closeBracket, "',' or ']'"));
    } else this.at += 1;
    this.depth -= 1;
    return array;
  }

  /** Steps over the bracket that opens a container, and the space behind it. */
  private enter(): void {
    if (this.depth === this.maxDepth) {
      this.fail('json_too_deep', `more than ${this.maxDepth} nested levels`, this.at);
    }
    this.depth += 1;
    this.at += 1;
    this.skipSpace();
  }

  /** Steps over ',' (true) or the closing bracket (false). */
  private continues(close: number, expected: string): boolean {
    this.skipSpace();
    const unit = this.text.charCodeAt(this.at);
    if (unit !== comma && unit !== close) this.unexpected(expected);
    this.at += 1;
    return unit === comma;
  }

  private keepLiteral(container: object, token: string): void {
    const literal = this.takeLiteral();
    if (literal === undefined) return;
    const known = this.literals.get(container);
    if (known === undefined) this.literals.set(container, new Map([[token, literal]]));
    else known.set(token, literal);
  }

  protected override path(): string {
    let path = '';
    for (const token of this.trail.slice(0, this.depth)) {
      const longer = appendPointer(path, typeof token === 'string' ? token.toWellFormed() : token);
      if (longer.length > maxPathLength) break;
      path = longer;
    }
    return path;
  }
}
