import type { Closure } from './closure.js';
import { EvaluationError } from './evaluation-error.js';
import type { Arithmetic, Comparison, Negation } from './syntax/ast.js';

/**
 * Integers are doubles that hold safe integers. Sums, differences and products of two of them that are safe are exact, and
 * those that are not are ≥ 2⁵³ in magnitude also after rounding, so one test of the result is enough. Adding 0 turns −0 into 0.
 */
export function arithmeticClosure(
  { operator, offset }: Arithmetic,
  left: Closure<number>,
  right: Closure<number>,
): Closure<number> {
  const overflow = new EvaluationError('integer_overflow', operator, offset);
  switch (operator) {
    case '+':
      return (bindings, element) => {
        const a = left(bindings, element);
        if (typeof a === 'object') return a;
        const b = right(bindings, element);
        if (typeof b === 'object') return b;
        return Number.isSafeInteger(a + b) ? a + b : overflow;
      };
    case '-':
      return (bindings, element) => {
        const a = left(bindings, element);
        if (typeof a === 'object') return a;
        const b = right(bindings, element);
        if (typeof b === 'object') return b;
        return Number.isSafeInteger(a - b) ? a - b : overflow;
      };
    case '*':
      return (bindings, element) => {
        const a = left(bindings, element);
        if (typeof a === 'object') return a;
        const b = right(bindings, element);
        if (typeof b === 'object') return b;
        return Number.isSafeInteger(a * b) ? a * b + 0 : overflow;
      };
    case '/':
    case '%':
      return divisionClosure(operator, offset, left, right);
  }
}

/**
 * Truncating a ÷ b is exact: a quotient that is not an integer is at least 1/|b| away from one, more than half a unit in
 * the last place of it while |a| < 2⁵³.
 */
function divisionClosure(
  operator: '/' | '%',
  offset: number,
  left: Closure<number>,
  right: Closure<number>,
): Closure<number> {
  const byZero = new EvaluationError('division_by_zero', operator, offset);
  const divide =
    operator === '/'
      ? (a: number, b: number) => Math.trunc(a / b) + 0
      : (a: number, b: number) => (a % b) + 0;
  return (bindings, element) => {
    const a = left(bindings, element);
    if (typeof a === 'object') return a;
    const b = right(bindings, element);
    if (typeof b === 'object') return b;
    return b === 0 ? byZero : divide(a, b);
  };
}

/** Never overflows: the range is symmetric. */
export function negationClosure(_: Negation, operand: Closure<number>): Closure<number> {
  return (bindings, element) => {
    const a = operand(bindings, element);
    return typeof a === 'object' ? a : 0 - a;
  };
}

const compare: Record<Comparison['operator'], (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

export function comparisonClosure(
  { operator, right: rightNode }: Comparison,
  left: Closure<number>,
  right: Closure<number>,
): Closure<boolean> {
  const holds = compare[operator];
  if (rightNode.kind === 'int_literal') {
    const b = rightNode.value;
    return (bindings, element) => {
      const a = left(bindings, element);
      return typeof a === 'object' ? a : holds(a, b);
    };
  }
  return (bindings, element) => {
    const a = left(bindings, element);
    if (typeof a === 'object') return a;
    const b = right(bindings, element);
    return typeof b === 'object' ? b : holds(a, b);
  };
}
