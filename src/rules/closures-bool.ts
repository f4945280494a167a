import type { Closure, Scalar } from './closure.js';
import type { EvaluationError } from './evaluation-error.js';
import type { Equality } from './syntax/ast.js';
import { isLiteral } from './syntax/lowering.js';

export function notClosure(operand: Closure<boolean>): Closure<boolean> {
  return (bindings, element) => {
    const value = operand(bindings, element);
    return typeof value === 'object' ? value : !value;
  };
}

/**
 * `absorbing` is false for `and`, true for `or`: one operand with that value decides, whatever the others are, errors
 * included. Otherwise the first error, otherwise the other value.
 */
export function logicalClosure(absorbing: boolean, operands: readonly Closure<boolean>[]): Closure<boolean> {
  const [first, second, third] = operands as [
    Closure<boolean>,
    Closure<boolean>,
    Closure<boolean> | undefined,
  ];
  if (third !== undefined) return chainClosure(absorbing, operands);
  return (bindings, element) => {
    const a = first(bindings, element);
    if (a === absorbing) return absorbing;
    const b = second(bindings, element);
    return b === absorbing || typeof a !== 'object' ? b : a;
  };
}

function chainClosure(absorbing: boolean, operands: readonly Closure<boolean>[]): Closure<boolean> {
  return (bindings, element) => {
    let error: EvaluationError | undefined;
    for (let index = 0; index < operands.length; index += 1) {
      const value = (operands[index] as Closure<boolean>)(bindings, element);
      if (value === absorbing) return absorbing;
      if (typeof value === 'object') error ??= value;
    }
    return error ?? !absorbing;
  };
}

/** Scalars of one type, so identity is equality. */
export function equalityClosure(
  { operator, right: rightNode }: Equality,
  left: Closure<Scalar>,
  right: Closure<Scalar>,
): Closure<boolean> {
  const wanted = operator === '==';
  if (isLiteral(rightNode)) {
    const b = rightNode.value;
    return (bindings, element) => {
      const a = left(bindings, element);
      return typeof a === 'object' ? a : (a === b) === wanted;
    };
  }
  return (bindings, element) => {
    const a = left(bindings, element);
    if (typeof a === 'object') return a;
    const b = right(bindings, element);
    return typeof b === 'object' ? b : (a === b) === wanted;
  };
}

export function conditionalClosure(
  condition: Closure<boolean>,
  then: Closure<Scalar>,
  otherwise: Closure<Scalar>,
): Closure<Scalar> {
  return (bindings, element) => {
    const chosen = condition(bindings, element);
    if (typeof chosen === 'object') return chosen;
    return chosen ? then(bindings, element) : otherwise(bindings, element);
  };
}
