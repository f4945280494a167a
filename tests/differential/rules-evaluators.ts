/** The evaluators that are held together, each as a function from source and bindings to one kind of outcome. */

import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { Environment as SecondEnvironment } from '@marcbachmann/cel-js';
import type { Bindings } from '../../src/rules/closure.js';
import { compileExpression } from '../../src/rules/compile.js';
import { EvaluationError } from '../../src/rules/evaluation-error.js';
import type { Expression } from '../../src/rules/syntax/ast.js';
import { evaluate, failed } from '../../src/verifier/evaluate.js';
import { parseExpression as readExpression } from '../../src/verifier/expression.js';
import { Failure, type IntegerRange, Reference } from './rules-reference.js';

/** `error` or the value as text with its type, so that outcomes compare by `===`. */
export type Shown = string;

export function shown(value: unknown): Shown {
  if (value instanceof EvaluationError || value instanceof Failure) return 'error';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Ours. A number that is not a safe integer, or −0, is shown as what it is and so never agrees. */
export function engine(expression: Expression): (bindings: Bindings) => Shown {
  const evaluate = compileExpression(expression);
  return (bindings) => {
    const value = evaluate(bindings);
    return Object.is(value, -0) ? '-0' : shown(value);
  };
}

export function reference(
  expression: Expression,
  bindings: Bindings,
  range: IntegerRange,
): { readonly outcome: Shown; readonly run: Reference } {
  const run = new Reference(bindings, range);
  return { outcome: shown(run.evaluate(expression)), run };
}

/** The verifier's own: another parser, another tree, the same numbers. */
export function verifier(source: string): (bindings: Bindings) => Shown {
  const expression = readExpression(source);
  if (expression === undefined) return () => 'refused';
  return (bindings) => {
    const value = evaluate(expression, bindings);
    return value === failed ? 'error' : shown(value);
  };
}

const firstEnvironment = celEnv();

export function bufbuild(source: string): (bindings: Bindings) => Shown {
  const evaluate = plan(firstEnvironment, parse(source).expr);
  return (bindings) => {
    const value = evaluate(exactly(bindings) as Record<string, never>);
    return isCelError(value) ? 'error' : shown(value);
  };
}

const secondEnvironment = new SecondEnvironment({ unlistedVariablesAreDyn: true });

export function celJs(source: string): (bindings: Bindings) => Shown {
  const evaluate = secondEnvironment.parse(source);
  return (bindings) => {
    try {
      return shown(evaluate(exactly(bindings) as Record<string, unknown>));
    } catch (error) {
      if ((error as Error).name === 'EvaluationError') return 'error';
      throw error;
    }
  };
}

/** Integers as BigInt throughout: a JavaScript number is a double to both libraries. */
export function exactly(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(exactly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, exactly(inner)]));
}
