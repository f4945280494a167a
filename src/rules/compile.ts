/**
 * The typed tree to closures. A closure returns its value or an `EvaluationError`; it does not throw, and it loops only
 * over the lists of its bindings.
 */

import type { Bindings, Closure, Scalar } from './closure.js';
import { conditionalClosure, equalityClosure, logicalClosure, notClosure } from './closures-bool.js';
import { arithmeticClosure, comparisonClosure, negationClosure } from './closures-int.js';
import { listClosure, membershipClosure, quantifierClosure, sizeClosure } from './closures-list.js';
import { hasClosure, pathClosure } from './closures-path.js';
import type { EvaluationError } from './evaluation-error.js';
import type {
  BoolExpression,
  Expression,
  IntExpression,
  ListExpression,
  ScalarExpression,
} from './syntax/ast.js';
import { unreachable } from './syntax/measure.js';

/** True, false, or why neither. */
export type Condition = (bindings: Bindings) => boolean | EvaluationError;

/** A condition as a function of its bindings; some 10 ns a node. */
export function compileCondition(expression: BoolExpression): Condition {
  return compileExpression(expression) as Condition;
}

/** Any expression as a function of its bindings. */
export function compileExpression(expression: Expression): (bindings: Bindings) => unknown {
  const closure = compile(expression);
  return (bindings) => closure(bindings, undefined);
}

function compile(node: Expression): Closure<unknown> {
  switch (node.kind) {
    case 'bool_literal':
    case 'int_literal':
    case 'string_literal': {
      const { value } = node;
      return () => value;
    }
    case 'variable':
    case 'element':
    case 'select':
      return pathClosure(node);
    case 'has':
      return hasClosure(node, compile(node.operand));
    case 'not':
      return notClosure(compileBool(node.operand));
    case 'negation':
      return negationClosure(node, compileInt(node.operand));
    case 'arithmetic':
      return arithmeticClosure(node, compileInt(node.left), compileInt(node.right));
    case 'comparison':
      return comparisonClosure(node, compileInt(node.left), compileInt(node.right));
    case 'equality':
      return equalityClosure(node, compileScalar(node.left), compileScalar(node.right));
    case 'membership':
      return membershipClosure(node, compileScalar(node.element), compileList(node.list));
    case 'and':
    case 'or':
      return logicalClosure(node.kind === 'or', node.operands.map(compileBool));
    case 'conditional':
      return conditionalClosure(
        compileBool(node.condition),
        compileScalar(node.then),
        compileScalar(node.otherwise),
      );
    case 'list_literal':
      return listClosure(node);
    case 'size':
      return sizeClosure(compileList(node.list));
    case 'all':
    case 'exists':
    case 'exists_one':
      return quantifierClosure(node.kind, compileList(node.list), compileBool(node.body));
    default:
      return unreachable(node);
  }
}

// The type of a node is the type of its closure; `compile` itself cannot say so.
const compileBool = (node: BoolExpression) => compile(node) as Closure<boolean>;
const compileInt = (node: IntExpression) => compile(node) as Closure<number>;
const compileScalar = (node: ScalarExpression) => compile(node) as Closure<Scalar>;
const compileList = (node: ListExpression) => compile(node) as Closure<readonly unknown[]>;
