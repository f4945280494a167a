import type { Closure, Scalar } from './closure.js';
import { EvaluationError } from './evaluation-error.js';
import type { ListLiteral, Membership, Quantifier } from './syntax/ast.js';

type List = readonly unknown[];

/** From how many members on a set is looked up rather than a list searched. */
const setSize = 8;

export function listClosure(node: ListLiteral): Closure<List> {
  const constant = constantsOf(node);
  return () => constant;
}

export function membershipClosure(
  { list: listNode }: Membership,
  member: Closure<Scalar>,
  list: Closure<List>,
): Closure<boolean> {
  const constant = listNode.kind === 'list_literal' ? constantsOf(listNode) : undefined;
  if (constant !== undefined && constant.length > setSize) {
    const set = new Set(constant);
    return (bindings, element) => {
      const value = member(bindings, element);
      return typeof value === 'object' ? value : set.has(value);
    };
  }
  return (bindings, element) => {
    const value = member(bindings, element);
    if (typeof value === 'object') return value;
    const members = list(bindings, element);
    return members instanceof EvaluationError ? members : members.includes(value);
  };
}

export function sizeClosure(list: Closure<List>): Closure<number> {
  return (bindings, element) => {
    const members = list(bindings, element);
    return members instanceof EvaluationError ? members : members.length;
  };
}

/** Cost: the body once per element; `all` and `exists` stop at the first element that decides. */
export function quantifierClosure(
  kind: Quantifier['kind'],
  list: Closure<List>,
  body: Closure<boolean>,
): Closure<boolean> {
  if (kind === 'exists_one') return exactlyOneClosure(list, body);
  const absorbing = kind === 'exists';
  return (bindings, element) => {
    const members = list(bindings, element);
    if (members instanceof EvaluationError) return members;
    let error: EvaluationError | undefined;
    for (let index = 0; index < members.length; index += 1) {
      const value = body(bindings, members[index]);
      if (value === absorbing) return absorbing;
      if (typeof value === 'object') error ??= value;
    }
    return error ?? !absorbing;
  };
}

function exactlyOneClosure(list: Closure<List>, body: Closure<boolean>): Closure<boolean> {
  return (bindings, element) => {
    const members = list(bindings, element);
    if (members instanceof EvaluationError) return members;
    let count = 0;
    for (let index = 0; index < members.length; index += 1) {
      const value = body(bindings, members[index]);
      if (typeof value === 'object') return value;
      if (value) count += 1;
    }
    return count === 1;
  };
}

function constantsOf({ elements }: ListLiteral): readonly Scalar[] {
  return elements.map(({ value }) => value);
}
