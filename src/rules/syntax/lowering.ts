import type { BoolExpression, Expression, IntExpression, Literal, ScalarExpression } from './ast.js';
import { hints, nameHint } from './hints.js';
import type { CelNode, Syntax } from './parse.js';
import { problemAt, type RuleProblem, type RuleProblemCode } from './problem.js';
import { type CelType, type Environment, isScalar, typeName } from './types.js';

/** Bound on the parsers' trees, which are deeper than ours: they nest what `and` and `or` hold side by side. */
const maxRawDepth = 400;

export interface LowerOptions {
  /** Names that are known elsewhere but not here, with what to do about it. */
  readonly unavailable?: { readonly [name: string]: string };
}

/** One lowering of one source. `undefined` stands for a part that is already reported. */
export class Lowering {
  readonly problems: RuleProblem[] = [];
  /** The variable of the quantifier being lowered, with its type (undefined: the list is already reported). */
  element: { readonly name: string; readonly type: CelType | undefined } | undefined;
  private rawDepth = 0;

  constructor(
    readonly source: string,
    readonly syntax: Syntax,
    readonly environment: Environment,
    readonly options: LowerOptions,
    private readonly visit: (lowering: Lowering, node: CelNode) => Expression | undefined,
  ) {}

  lower(node: CelNode): Expression | undefined {
    if (this.rawDepth >= maxRawDepth) {
      return this.report(
        node,
        'too_deep',
        'the expression is nested too deep',
        'split the rule into several',
      );
    }
    this.rawDepth += 1;
    const lowered = this.visit(this, node);
    this.rawDepth -= 1;
    return lowered;
  }

  lowerBool(node: CelNode, where: string): BoolExpression | undefined {
    const lowered = this.lower(node);
    if (lowered === undefined || isBool(lowered)) return lowered;
    return this.reportType(lowered, `${where} must be bool`, 'write a comparison, or has(…)');
  }

  lowerInt(node: CelNode, where: string): IntExpression | undefined {
    const lowered = this.lower(node);
    if (lowered === undefined || isInt(lowered)) return lowered;
    const hint =
      lowered.type.kind === 'string'
        ? `strings are not ordered and not joined: ${hints.strings}`
        : 'use numbers, or size(list)';
    return this.reportType(lowered, `${where} must be int`, hint);
  }

  lowerScalar(node: CelNode, where: string): ScalarExpression | undefined {
    const lowered = this.lower(node);
    if (lowered === undefined || isScalarExpression(lowered)) return lowered;
    const hint =
      lowered.type.kind === 'list' ? 'use in, size, all or exists on a list' : 'name one of its fields';
    return this.reportType(lowered, `${where} must be int, bool or string`, hint);
  }

  offsetOf(node: CelNode): number {
    return this.syntax.offsetOf(node);
  }

  problemOn(node: CelNode, code: RuleProblemCode, message: string, hint: string): RuleProblem {
    return problemAt(this.source, this.offsetOf(node), code, message, hint);
  }

  report(node: CelNode, code: RuleProblemCode, message: string, hint: string): undefined {
    this.problems.push(this.problemOn(node, code, message, hint));
  }

  reportOutside(node: CelNode, what: string, hint: string): undefined {
    return this.report(node, 'not_in_fragment', `${what} is outside the policy fragment of CEL`, hint);
  }

  reportValue(value: string, offset: number, values: readonly string[]): undefined {
    const message = `${JSON.stringify(value)} is not a value that the other side can have`;
    const hint = `${nameHint(value, values).replace(/^declared here/, 'its values')}`;
    this.problems.push(problemAt(this.source, offset, 'unknown_value', message, hint));
  }

  reportType(expression: Expression, message: string, hint: string): undefined {
    const whole = `${message}; this is ${typeName(expression.type)}`;
    this.problems.push(problemAt(this.source, expression.offset, 'wrong_type', whole, hint));
  }
}

export function isBool(expression: Expression): expression is BoolExpression {
  return expression.type.kind === 'bool';
}

function isInt(expression: Expression): expression is IntExpression {
  return expression.type.kind === 'int';
}

function isScalarExpression(expression: Expression): expression is ScalarExpression {
  return isScalar(expression.type);
}

export function isLiteral(expression: Expression): expression is Literal {
  const { kind } = expression;
  return kind === 'int_literal' || kind === 'string_literal' || kind === 'bool_literal';
}
