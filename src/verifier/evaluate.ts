// Generated from notebooks/math/02_policy_fragment.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Expression } from './expression.js';

/** The one error value. Which error it was makes no difference to any result. */
export const failed = Symbol('error');

/** A result: a scalar, a list, a document (an object), or the error. */
export type Value = number | string | boolean | readonly unknown[] | object | typeof failed;

/** Name → document or scalar. */
export type Bindings = { readonly [name: string]: unknown };

/** The value of an expression under bindings. Never throws for an expression that parseExpression made. */
export function evaluate(e: Expression, bindings: Bindings): Value {
  switch (e.op) {
    case 'literal':
      return e.value;
    case 'name':
      return field(bindings, e.name);
    case 'select':
      return field(evaluate(e.of, bindings), e.field);
    case 'has':
      return has(evaluate(e.of, bindings), e.field);
    case 'list':
      return list(e.elements.map((element) => evaluate(element, bindings)));
    case 'not':
      return not(evaluate(e.of, bindings));
    case 'negate':
      return arithmetic('-', 0, evaluate(e.of, bindings));
    case 'size':
      return size(evaluate(e.of, bindings));
    case 'and':
      return and(evaluate(e.left, bindings), () => evaluate(e.right, bindings));
    case 'or':
      return not(and(not(evaluate(e.left, bindings)), () => not(evaluate(e.right, bindings))));
    case 'choose': {
      const condition = evaluate(e.condition, bindings);
      if (typeof condition !== 'boolean') return failed;
      return evaluate(condition ? e.yes : e.no, bindings);
    }
    case '==':
      return equal(evaluate(e.left, bindings), evaluate(e.right, bindings));
    case '!=':
      return not(equal(evaluate(e.left, bindings), evaluate(e.right, bindings)));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(e.op, evaluate(e.left, bindings), evaluate(e.right, bindings));
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(e.op, evaluate(e.left, bindings), evaluate(e.right, bindings));
    case 'in':
      return isIn(evaluate(e.left, bindings), evaluate(e.right, bindings));
    case 'all':
      return not(someOf(e.over, bindings, (x) => not(evaluate(e.body, { ...bindings, [e.name]: x }))));
    case 'exists':
      return someOf(e.over, bindings, (x) => evaluate(e.body, { ...bindings, [e.name]: x }));
    case 'exists_one':
      return oneOf(e.over, bindings, (x) => evaluate(e.body, { ...bindings, [e.name]: x }));
  }
}

/** Own fields only: a document has no inherited ones. `undefined` is absent. */
function field(of: unknown, name: string): Value {
  if (typeof of !== 'object' || of === null || Array.isArray(of) || !Object.hasOwn(of, name)) return failed;
  return ((of as Bindings)[name] as Value | undefined) ?? failed;
}

function has(of: Value, name: string): Value {
  if (typeof of !== 'object' || Array.isArray(of)) return failed;
  return field(of, name) !== failed;
}

function not(value: Value): Value {
  return typeof value === 'boolean' ? !value : failed;
}

/** false absorbs an error on either side; anything else that is not two booleans is an error. */
function and(left: Value, evaluateRight: () => Value): Value {
  if (left === false) return false;
  const right = evaluateRight();
  if (right === false) return false;
  return left === true && right === true ? true : failed;
}

type Scalar = number | string | boolean;

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

function equal(left: Value, right: Value): Value {
  if (!isScalar(left) || typeof left !== typeof right) return failed;
  return left === right;
}

function compare(op: '<' | '<=' | '>' | '>=', left: Value, right: Value): Value {
  if (typeof left !== 'number' || typeof right !== 'number') return failed;
  if (op === '<') return left < right;
  if (op === '<=') return left <= right;
  return op === '>' ? left > right : left >= right;
}

/**
 * Integers within ±(2⁵³−1). A sum, difference or product of two such integers that leaves the range is rounded to a
 * double that also leaves it, so the check on the rounded result is exact.
 */
function arithmetic(op: '+' | '-' | '*' | '/' | '%', a: Value, b: Value): Value {
  if (typeof a !== 'number' || typeof b !== 'number') return failed;
  if ((op === '/' || op === '%') && b === 0) return failed;
  let result: number;
  if (op === '+') result = a + b;
  else if (op === '-') result = a - b;
  else if (op === '*') result = a * b;
  else if (op === '/') result = (a - (a % b)) / b;
  else result = a % b;
  return Number.isSafeInteger(result) ? result : failed;
}

/** A list of scalars of one type. */
function list(elements: readonly Value[]): Value {
  const [first] = elements;
  if (elements.some((element) => !isScalar(element) || typeof element !== typeof first)) return failed;
  return elements;
}

function isIn(element: Value, of: Value): Value {
  if (!isScalar(element) || !Array.isArray(of)) return failed;
  if (of.some((other) => typeof other !== typeof element)) return failed;
  return of.includes(element);
}

/** Elements of a list, code points of a string. */
function size(of: Value): Value {
  if (Array.isArray(of)) return of.length;
  return typeof of === 'string' ? [...of].length : failed;
}

/** true when one element gives true; else an error when one errs; else false. */
function someOf(over: Expression, bindings: Bindings, body: (element: unknown) => Value): Value {
  const elements = evaluate(over, bindings);
  if (!Array.isArray(elements)) return failed;
  let result: Value = false;
  for (const element of elements) {
    const value = body(element);
    if (value === true) return true;
    if (value !== false) result = failed;
  }
  return result;
}

/** An error when any element errs; else whether exactly one gives true. */
function oneOf(over: Expression, bindings: Bindings, body: (element: unknown) => Value): Value {
  const elements = evaluate(over, bindings);
  if (!Array.isArray(elements)) return failed;
  let count = 0;
  for (const element of elements) {
    const value = body(element);
    if (typeof value !== 'boolean') return failed;
    if (value) count += 1;
  }
  return count === 1;
}
