import { CST, Lexer } from 'yaml';
import type { ProblemCode } from './problem-codes.js';

/** What is wrong at an offset of the text. */
export interface YamlFinding {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Looks at the tokens of a YAML text before anything builds a tree of them: what CAIO's documents have no use for is refused here, and
 * nesting is bounded, for the builder recurses with it. Iterative and linear in the text; reads the very tokens that the builder will read,
 * so the two cannot disagree on what is a quoted bracket and what is a list. Stops at the first finding.
 */
export function scanYaml(text: string, maxDepth: number, maxValues: number): YamlFinding | undefined {
  return scanCharacters(text) ?? new TokenScan(maxDepth, maxValues).scan(text);
}

/** What no line of YAML may hold (YAML 1.2.2 §5.1), and what only serves to deceive: C1 controls, byte order marks, lone carriage returns. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const refusedCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffe\uffff]|\r(?!\n)/;

function scanCharacters(text: string): YamlFinding | undefined {
  const refused = refusedCharacters.exec(text);
  if (refused !== null) {
    const unit = text.charCodeAt(refused.index).toString(16).toUpperCase().padStart(4, '0');
    const hint = unit === 'FEFF' ? 'leave out the byte order mark' : undefined;
    return finding('yaml_control_character', refused.index, `the character U+${unit} is not accepted`, hint);
  }
  if (text.isWellFormed()) return undefined;
  const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text);
  return finding('yaml_control_character', half?.index ?? 0, 'the text holds half of a surrogate pair');
}

/** Lines without content in a row: the builder looks at all of them again for each. */
const maxBlankLines = 256;

class TokenScan {
  private offset = 0;
  private documents = 0;
  private hasContent = false;
  private values = 0;
  private blankLines = 0;
  private flowDepth = 0;
  /** Columns at which the open block collections may have started, increasing; a mapping and its list may share one. */
  private readonly columns: number[] = [];
  private column = 0;
  private atLineStart = true;
  /** Colons behind keys on this line, outside brackets. */
  private colons = 0;
  /** Behind a bracket that opens, or a comma. */
  private awaitsItem = false;
  private nextIsScalar = false;
  private nextIsBlockScalar = false;

  constructor(
    private readonly maxDepth: number,
    private readonly maxValues: number,
  ) {}

  scan(text: string): YamlFinding | undefined {
    for (const token of new Lexer().lex(text)) {
      const found = this.see(token);
      if (found !== undefined) return found;
      if (token !== CST.DOCUMENT && token !== CST.SCALAR) this.offset += token.length;
    }
    return undefined;
  }

  private see(token: string): YamlFinding | undefined {
    if (this.nextIsScalar) return this.seeScalar();
    const type = CST.tokenType(token);
    switch (type) {
      case 'scalar':
        this.nextIsScalar = true;
        return undefined;
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        return isClosed(token)
          ? this.seeNode()
          : this.found('yaml_syntax', 'the quote that opens here is not closed');
      case 'block-scalar-header':
        this.nextIsBlockScalar = true;
        return this.seeNode();
      case 'newline':
        return this.seeNewline();
      case 'space':
        if (this.atLineStart && token[0] === ' ') this.column += token.length;
        return undefined;
      case 'seq-item-ind':
        return this.seeItem();
      case 'map-value-ind':
        return this.seeColon();
      case 'flow-map-start':
      case 'flow-seq-start':
        return this.seeOpening();
      case 'flow-map-end':
      case 'flow-seq-end':
        return this.seeClosing();
      case 'comma':
        return this.seeComma();
      case 'comment':
        this.atLineStart = false;
        return undefined;
      case 'doc-mode':
      case 'doc-start':
        return this.seeDocument(type);
      case 'doc-end':
        return undefined;
      default:
        return this.seeRefused(type);
    }
  }

  private seeRefused(type: CST.TokenType | null): YamlFinding {
    switch (type) {
      case 'anchor':
        return this.found('yaml_anchor', 'anchors are not accepted', quoteHint);
      case 'alias':
        return this.found('yaml_alias', 'aliases are not accepted', quoteHint);
      case 'tag':
        return this.found('yaml_tag', 'tags are not accepted', quoteHint);
      case 'directive-line':
        return this.found('yaml_directive', 'directives are not accepted');
      case 'explicit-key-ind':
        return this.found('yaml_key', "keys that start with '?' are not accepted", "write 'key: value'");
      case 'flow-error-end':
        return this.found('yaml_syntax', 'what is in brackets is indented less than the line they open in');
      default:
        return this.found('yaml_syntax', 'this is not YAML');
    }
  }

  private seeDocument(type: 'doc-mode' | 'doc-start'): YamlFinding | undefined {
    if (type === 'doc-mode') this.documents += 1;
    const isFirst = this.documents === 1 && !this.hasContent;
    if (type === 'doc-start') this.hasContent = true;
    return isFirst
      ? undefined
      : this.found('yaml_documents', 'a text holds one document', 'split it into files');
  }

  private seeScalar(): YamlFinding | undefined {
    this.nextIsScalar = false;
    if (!this.nextIsBlockScalar) return this.seeNode();
    // Its content ends with its last line; it was counted at its header.
    this.nextIsBlockScalar = false;
    this.startLine();
    return undefined;
  }

  private seeNewline(): YamlFinding | undefined {
    this.startLine();
    this.blankLines += 1;
    return this.blankLines > maxBlankLines
      ? this.found('yaml_too_large', `more than ${maxBlankLines} lines in a row without content`)
      : undefined;
  }

  private startLine(): void {
    this.atLineStart = true;
    this.column = 0;
    this.colons = 0;
  }

  private seeOpening(): YamlFinding | undefined {
    this.flowDepth += 1;
    const found = this.flowDepth > this.maxDepth ? this.tooDeep() : this.seeNode();
    this.awaitsItem = true;
    return found;
  }

  private seeClosing(): YamlFinding | undefined {
    if (this.flowDepth === 0) return this.found('yaml_syntax', 'a bracket that nothing opened');
    this.flowDepth -= 1;
    this.awaitsItem = false;
    this.atLineStart = false;
    return undefined;
  }

  private seeComma(): YamlFinding | undefined {
    if (this.awaitsItem) return this.found('yaml_syntax', 'a comma without a value before it');
    this.awaitsItem = true;
    this.atLineStart = false;
    return undefined;
  }

  /** A scalar or collection starts here. */
  private seeNode(): YamlFinding | undefined {
    const found = this.count() ?? this.open();
    this.atLineStart = false;
    this.awaitsItem = false;
    return found;
  }

  private seeItem(): YamlFinding | undefined {
    if (this.flowDepth > 0 || !this.atLineStart) {
      return this.found(
        'yaml_syntax',
        "a '-' in the middle of a line",
        'start the list on a line of its own, or use brackets',
      );
    }
    const found = this.count() ?? this.open();
    // Behind '- ' the line starts anew, further right.
    this.column += 1;
    return found;
  }

  private seeColon(): YamlFinding | undefined {
    if (this.flowDepth > 0) {
      return this.awaitsItem
        ? this.found('yaml_key', 'the key is missing', 'put a name before the colon')
        : undefined;
    }
    if (this.atLineStart) return this.found('yaml_key', 'the key is missing', 'put a name before the colon');
    this.colons += 1;
    return this.colons > 1
      ? this.found(
          'yaml_syntax',
          'a second colon on a line',
          'put the value in quotes, or on lines of its own',
        )
      : undefined;
  }

  private count(): YamlFinding | undefined {
    this.hasContent = true;
    this.blankLines = 0;
    this.values += 1;
    // Keys count here, and not in the limit.
    return this.values > 2 * this.maxValues
      ? this.found('yaml_too_many_values', `more than ${this.maxValues} values`)
      : undefined;
  }

  /** A block collection may start here: only the first node of a line, or of an item, can start one. */
  private open(): YamlFinding | undefined {
    if (this.flowDepth > 1 || !this.atLineStart) return undefined;
    while ((this.columns.at(-1) ?? -1) > this.column) this.columns.pop();
    if (this.columns.at(-1) !== this.column) this.columns.push(this.column);
    // The innermost may hold a scalar only.
    return this.columns.length > this.maxDepth + 1 ? this.tooDeep() : undefined;
  }

  private tooDeep(): YamlFinding {
    return this.found('yaml_too_deep', `more than ${this.maxDepth} nested levels`);
  }

  private found(code: ProblemCode, message: string, hint?: string): YamlFinding {
    return finding(code, this.offset, message, hint);
  }
}

/** Whether the last quote of a quoted token closes it; the builder takes an escaped one at the end for it. */
function isClosed(token: string): boolean {
  const quote = token.charAt(0);
  if (token.length === 1 || !token.endsWith(quote)) return false;
  let before = 0;
  if (quote === '"') {
    while (token[token.length - 2 - before] === '\\') before += 1;
  } else {
    // A single quote is escaped by another, so those inside come in pairs.
    for (let at = token.indexOf(quote, 1); at < token.length - 1; at = token.indexOf(quote, at + 1))
      before += 1;
  }
  return before % 2 === 0;
}

const quoteHint = 'put the text in quotes';

function finding(code: ProblemCode, offset: number, message: string, hint?: string): YamlFinding {
  return hint === undefined ? { code, offset, message } : { code, offset, message, hint };
}
