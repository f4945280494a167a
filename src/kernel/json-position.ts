import { pointerTokens } from './pointer.js';

/** 1-based; columns count UTF-16 units, as editors and language servers do. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** Linear in `offset`. Lines end at a line feed. */
export function lineAndColumn(text: string, offset: number): JsonPosition {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** Where the value at a pointer starts, or its nearest ancestor that exists, in a text that `readJson` took. One scan in all. */
export function positionFinder(text: string): (pointer: string) => JsonPosition {
  const root = new PositionScanner(text).scan();
  return (pointer) => {
    let node = root;
    for (const token of pointerTokens(pointer) ?? []) {
      const child = node.children?.get(token);
      if (child === undefined) break;
      node = child;
    }
    return lineAndColumn(text, node.start);
  };
}

/** A tree rather than a map of whole pointers: those would be quadratic in the text when a long name has many values below it. */
interface PositionNode {
  readonly start: number;
  readonly children: ReadonlyMap<string, PositionNode> | undefined;
}

/** Reads structure only: the text is known to be valid and no deeper than the reader recursed. */
class PositionScanner {
  private at = 0;

  constructor(private readonly text: string) {}

  scan(): PositionNode {
    this.skipSeparators();
    const start = this.at;
    const unit = this.text[start];
    if (unit === '{') return { start, children: this.scanMembers() };
    if (unit === '[') return { start, children: this.scanElements() };
    if (unit === '"') this.skipString();
    else this.skipScalar();
    return { start, children: undefined };
  }

  private scanMembers(): Map<string, PositionNode> {
    const children = new Map<string, PositionNode>();
    this.at += 1;
    for (this.skipSeparators(); this.text[this.at] !== '}'; this.skipSeparators()) {
      const start = this.at;
      this.skipString();
      const name = JSON.parse(this.text.slice(start, this.at)) as string;
      children.set(name, this.scan());
    }
    this.at += 1;
    return children;
  }

  private scanElements(): Map<string, PositionNode> {
    const children = new Map<string, PositionNode>();
    this.at += 1;
    for (this.skipSeparators(); this.text[this.at] !== ']'; this.skipSeparators()) {
      children.set(String(children.size), this.scan());
    }
    this.at += 1;
    return children;
  }

  private skipSeparators(): void {
    while (separators.has(this.text.charCodeAt(this.at))) this.at += 1;
  }

  private skipString(): void {
    this.at += 1;
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
    this.at += 1;
  }

  private skipScalar(): void {
    while (this.at < this.text.length && !scalarEnds.has(this.text.charCodeAt(this.at))) this.at += 1;
  }
}

const separators: ReadonlySet<number> = new Set([...' \n\r\t,:'].map((letter) => letter.charCodeAt(0)));
const scalarEnds: ReadonlySet<number> = new Set([
  ...separators,
  ...[...']}'].map((letter) => letter.charCodeAt(0)),
]);
