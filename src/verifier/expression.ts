// Generated from notebooks/math/02_policy_fragment.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { ASTNode } from '@marcbachmann/cel-js';
import { parse } from '@marcbachmann/cel-js';

/** Everything the fragment has, and nothing else. */
export type Expression =
  | { readonly op: 'literal'; readonly value: number | string | boolean }
  | { readonly op: 'list'; readonly elements: readonly Expression[] }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'select'; readonly of: Expression; readonly field: string }
  | { readonly op: 'has'; readonly of: Expression; readonly field: string }
  | { readonly op: 'not' | 'negate' | 'size'; readonly of: Expression }
  | { readonly op: 'and' | 'or' | 'in'; readonly left: Expression; readonly right: Expression }
  | { readonly op: '==' | '!='; readonly left: Expression; readonly right: Expression }
  | { readonly op: '<' | '<=' | '>' | '>='; readonly left: Expression; readonly right: Expression }
  | { readonly op: '+' | '-' | '*' | '/' | '%'; readonly left: Expression; readonly right: Expression }
  | {
      readonly op: 'choose';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly op: 'all' | 'exists' | 'exists_one';
      readonly over: Expression;
      readonly name: string;
      readonly body: Expression;
    };

const deepest = 2_000;

/**
 * Reads a rule's text. `undefined` when it is outside the fragment, whatever the reason: the text is not trusted, so
 * every failure of the parser, a stack overflow included, is the same answer.
 */
export function parseExpression(text: string): Expression | undefined {
  try {
    return lower(parse(text).ast, 0, false);
  } catch {
    return undefined;
  }
}

/** Throws what parseExpression turns into `undefined`. */
function outside(what: string): never {
  throw new SyntaxError(`outside the policy fragment: ${what}`);
}

/** From the parser's tree to ours; `inMacro` refuses a macro within the body of another. */
function lower(node: ASTNode, depth: number, inMacro: boolean): Expression {
  if (depth > deepest) outside('too deep');
  const down = (child: ASTNode): Expression => lower(child, depth + 1, inMacro);
  switch (node.op) {
    case 'value':
      return { op: 'literal', value: literal(node.args) };
    case 'list':
      return { op: 'list', elements: node.args.map(down) };
    case 'id':
      return { op: 'name', name: node.args };
    case '.':
      return { op: 'select', of: down(node.args[0]), field: node.args[1] };
    case '!_':
      return { op: 'not', of: down(node.args) };
    case '-_':
      return { op: 'negate', of: down(node.args) };
    case '&&':
      return { op: 'and', left: down(node.args[0]), right: down(node.args[1]) };
    case '||':
      return { op: 'or', left: down(node.args[0]), right: down(node.args[1]) };
    case '?:':
      return { op: 'choose', condition: down(node.args[0]), yes: down(node.args[1]), no: down(node.args[2]) };
    case 'in':
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { op: node.op, left: down(node.args[0]), right: down(node.args[1]) };
    case 'call':
      return lowerCall(node.args[0], node.args[1], down);
    case 'rcall':
      return lowerMethod(node.args, depth, inMacro);
    default:
      return outside(node.op);
  }
}

function literal(value: unknown): number | string | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'bigint' || value > BigInt(Number.MAX_SAFE_INTEGER)) return outside('this literal');
  return Number(value);
}

/** `has(a.b)` and `size(a)`. */
function lowerCall(name: string, args: readonly ASTNode[], down: (child: ASTNode) => Expression): Expression {
  const [argument] = args;
  if (argument === undefined || args.length !== 1) return outside(name);
  if (name === 'size') return { op: 'size', of: down(argument) };
  if (name !== 'has' || argument.op !== '.') return outside(name);
  return { op: 'has', of: down(argument.args[0]), field: argument.args[1] };
}

/** `a.size()` and the macros `a.all(x, body)`, `a.exists(x, body)`, `a.exists_one(x, body)`. */
function lowerMethod(
  [name, receiver, args]: [string, ASTNode, readonly ASTNode[]],
  depth: number,
  inMacro: boolean,
): Expression {
  const over = lower(receiver, depth + 1, inMacro);
  if (name === 'size' && args.length === 0) return { op: 'size', of: over };
  if (name !== 'all' && name !== 'exists' && name !== 'exists_one') return outside(name);
  const [variable, body] = args;
  if (variable?.op !== 'id' || body === undefined || args.length !== 2 || inMacro) return outside(name);
  return { op: name, over, name: variable.args, body: lower(body, depth + 1, true) };
}
