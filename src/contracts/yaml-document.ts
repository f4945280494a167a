import { Composer, type ErrorCode, isMap, isScalar, isSeq, type ParsedNode, Parser, type Scalar } from 'yaml';
import type { JsonLimits, JsonValue, SourceDocument } from '../kernel/json.js';
import type { JsonPosition } from '../kernel/json-position.js';
import { appendPointer, pointerTokens } from '../kernel/pointer.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { utf8Length } from '../kernel/utf8.js';
import type { ProblemCode } from './problem-codes.js';
import { scanYaml, type YamlFinding } from './yaml-scan.js';

const maxProblems = 16;
/** As the kernel's reader does: a longer path gives way to an ancestor's. */
const maxPathLength = 1_024;

/**
 * One document of YAML 1.2 (core schema: `no` and `yes` are texts), with what JSON can say and no more: no anchors, aliases, tags, merges,
 * directives, or keys that are not texts. Numbers are written as JSON writes them and keep their text. Linear in the text; never throws.
 */
export function readYaml(text: string, limits: JsonLimits): Result<SourceDocument, readonly Problem[]> {
  const lines = new Lines(text);
  const problem = (found: YamlFinding, path = ''): Problem => {
    const { code, message, hint } = found;
    const place = { path, ...lines.locate(found.offset) };
    return hint === undefined ? { code, message, ...place } : { code, message, hint, ...place };
  };
  if (text.length > limits.maxBytes || utf8Length(text) > limits.maxBytes) {
    const message = `the text is longer than ${limits.maxBytes} bytes`;
    return err([problem({ code: 'yaml_too_large', offset: 0, message })]);
  }
  const refused = scanYaml(text, limits.maxDepth, limits.maxValues);
  if (refused !== undefined) return err([problem(refused)]);

  const composed = compose(text);
  if (composed.findings.length > 0) return err(composed.findings.map((found) => problem(found)));
  const reader = new NodeReader(limits);
  const value = composed.root === undefined ? null : reader.read(composed.root, '', 0);
  if (reader.findings.length > 0) {
    const inOrder = reader.findings.toSorted((a, b) => a.found.offset - b.found.offset);
    return err(inOrder.map(({ found, path }) => problem(found, path)));
  }
  return ok(sourceOf(value, composed.root, lines));
}

interface Composed {
  readonly root: ParsedNode | undefined;
  readonly findings: readonly YamlFinding[];
}

function compose(text: string): Composed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    strict: true,
    // Quadratic in the keys of a mapping; `NodeReader` looks for duplicates itself.
    uniqueKeys: false,
    logLevel: 'silent',
  });
  let root: ParsedNode | undefined;
  const findings: YamlFinding[] = [];
  for (const document of composer.compose(new Parser().parse(text), true, text.length)) {
    root ??= (document.contents as ParsedNode | null) ?? undefined;
    for (const { code, pos } of document.errors.slice(0, maxProblems))
      findings.push(syntaxFinding(code, pos[0]));
  }
  findings.sort((a, b) => a.offset - b.offset);
  return { root, findings: findings.slice(0, maxProblems) };
}

/** In words of ours: the builder's messages repeat parts of the text, which may be a secret. */
function syntaxFinding(code: ErrorCode, offset: number): YamlFinding {
  if (code === 'NON_STRING_KEY') return { code: 'yaml_key', offset, message: 'a key is a text' };
  const message = syntaxMessages[code] ?? 'this is not YAML';
  return { code: 'yaml_syntax', offset, message };
}

const syntaxMessages: { readonly [Code in ErrorCode]?: string } = {
  BAD_DQ_ESCAPE: 'there is no such escape',
  BAD_INDENT: 'the indentation does not fit the lines around it, or a bracket is not closed',
  BAD_SCALAR_START: 'a text does not start with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key stands on one line, and a mapping starts on a line of its own',
  BLOCK_IN_FLOW: 'what is in brackets does not go by indentation',
  KEY_OVER_1024_CHARS: 'the key is too long',
  MISSING_CHAR: 'a colon, comma, quote, space or bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line; is a colon missing above?',
  TAB_AS_INDENT: 'lines are indented with spaces, not with tabs',
  UNEXPECTED_TOKEN: 'this does not belong here',
};

/** Builds the value. Recursion is bounded by the limit of depth. */
class NodeReader {
  readonly findings: { readonly found: YamlFinding; readonly path: string }[] = [];
  private values = 0;

  constructor(private readonly limits: JsonLimits) {}

  read(node: ParsedNode | null, path: string, depth: number): JsonValue {
    this.values += 1;
    if (node === null) return null;
    if (this.values > this.limits.maxValues) {
      if (this.values === this.limits.maxValues + 1) {
        this.report(node, path, 'yaml_too_many_values', `more than ${this.limits.maxValues} values`);
      }
      return null;
    }
    if (isScalar(node)) return this.readScalar(node, path);
    if (depth === this.limits.maxDepth) {
      this.report(node, path, 'yaml_too_deep', `more than ${this.limits.maxDepth} nested levels`);
      return null;
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => this.read(item, boundedPath(path, index), depth + 1));
    }
    if (isMap(node)) return this.readMap(node, path, depth);
    this.report(node, path, 'yaml_alias', 'aliases are not accepted');
    return null;
  }

  private readMap(
    node: ParsedNode & { readonly items: readonly YamlPair[] },
    path: string,
    depth: number,
  ): JsonValue {
    const object: Record<string, JsonValue> = Object.create(null);
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.report(key ?? node, path, 'yaml_key', 'a key is a text');
        continue;
      }
      const name = key.value;
      const at = boundedPath(path, name);
      if (!name.isWellFormed())
        this.report(key, path, 'yaml_control_character', 'the key holds half of a surrogate pair');
      else if (name === '<<')
        this.report(key, at, 'yaml_merge_key', 'merge keys are not accepted', 'write the fields out');
      else if (name in object)
        this.report(key, at, 'yaml_duplicate_key', 'the name occurs twice in its mapping');
      object[name] = this.read(value, at, depth + 1);
    }
    return object;
  }

  private readScalar(node: Scalar.Parsed | Scalar, path: string): JsonValue {
    const { value } = node;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) {
        this.report(node, path, 'yaml_control_character', 'the text holds half of a surrogate pair');
      }
      return value;
    }
    if (typeof value !== 'number') return typeof value === 'boolean' ? value : null;
    if (!jsonNumber.test(node.source ?? '')) {
      this.report(
        node,
        path,
        'yaml_number',
        'the number is not written as in JSON',
        'write it as 0.5 or 12, or put it in quotes',
      );
    } else if (!Number.isFinite(value)) {
      this.report(node, path, 'yaml_number_range', 'the number is beyond the range of a double');
    }
    return value;
  }

  private report(
    node: ParsedNode | Scalar,
    path: string,
    code: ProblemCode,
    message: string,
    hint?: string,
  ): void {
    if (this.findings.length === maxProblems) return;
    const offset = node.range?.[0] ?? 0;
    const found = { code, offset, message };
    this.findings.push({ found: hint === undefined ? found : { ...found, hint }, path });
  }
}

type YamlPair = { readonly key: ParsedNode; readonly value: ParsedNode | null };

const jsonNumber = /^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

function boundedPath(parent: string, token: string | number): string {
  const path = appendPointer(parent, typeof token === 'string' ? token.toWellFormed() : token);
  return path.length > maxPathLength ? parent : path;
}

function sourceOf(value: JsonValue, root: ParsedNode | undefined, lines: Lines): SourceDocument {
  return {
    value,
    numberText: (pointer) => {
      const { node, found } = nodeAt(root, pointer);
      return found && isScalar(node) && typeof node.value === 'number' ? node.source : undefined;
    },
    locate: (pointer) => lines.locate(nodeAt(root, pointer).node?.range[0] ?? 0),
  };
}

/** The node at a pointer, or the nearest ancestor that exists. */
function nodeAt(
  root: ParsedNode | undefined,
  pointer: string,
): { node: ParsedNode | undefined; found: boolean } {
  let node = root;
  for (const token of pointerTokens(pointer) ?? []) {
    const child = childOf(node, token);
    if (child === undefined) return { node, found: false };
    node = child;
  }
  return { node, found: true };
}

function childOf(node: ParsedNode | undefined, token: string): ParsedNode | undefined {
  if (isSeq(node)) return (node.items as readonly ParsedNode[])[Number(token)];
  if (!isMap(node)) return undefined;
  const pair = (node.items as readonly YamlPair[]).find(({ key }) => isScalar(key) && key.value === token);
  // A key without a value is where its absence is.
  return pair === undefined ? undefined : (pair.value ?? pair.key);
}

/** Offsets to lines and columns in logarithmic time. */
class Lines {
  private starts: number[] | undefined;

  constructor(private readonly text: string) {}

  locate(offset: number): JsonPosition {
    this.starts ??= startsOfLines(this.text);
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.starts[low] as number) + 1 };
  }
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
