import type { Expression, ListExpression, Logical, ScalarExpression } from './ast.js';
import { functionHint, hints } from './hints.js';
import type { Lowering } from './lowering.js';
import type { CelNode } from './parse.js';
import { typeName } from './types.js';

interface Call {
  readonly function: string;
  readonly target?: CelNode | undefined;
  readonly args: readonly CelNode[];
}

type Arity1 = readonly [CelNode];
type Arity2 = readonly [CelNode, CelNode];
type Arity3 = readonly [CelNode, CelNode, CelNode];

/** Operators and functions. */
export function lowerCall(lowering: Lowering, node: CelNode, call: Call): Expression | undefined {
  const offset = lowering.offsetOf(node);
  const operands = call.args as readonly CelNode[];
  switch (call.function) {
    case '_&&_':
      return lowerLogical(lowering, 'and', '&&', operands, offset);
    case '_||_':
      return lowerLogical(lowering, 'or', '||', operands, offset);
    case '!_': {
      const operand = lowering.lowerBool((operands as Arity1)[0], 'the operand of !');
      return operand && { kind: 'not', operand, type: { kind: 'bool' }, offset };
    }
    case '-_': {
      const operand = lowering.lowerInt((operands as Arity1)[0], 'the operand of -');
      return operand && { kind: 'negation', operand, type: { kind: 'int' }, offset };
    }
    case '_+_':
    case '_-_':
    case '_*_':
    case '_/_':
    case '_%_':
      return lowerArithmetic(lowering, call.function, operands as Arity2, offset);
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return lowerComparison(lowering, call.function, operands as Arity2, offset);
    case '_==_':
    case '_!=_':
      return lowerEquality(lowering, call.function, operands as Arity2, offset);
    case '@in':
      return lowerMembership(lowering, operands as Arity2, offset);
    case '_?_:_':
      return lowerConditional(lowering, operands as Arity3, offset);
    case '_[_]':
      return lowering.reportOutside(node, 'indexing', `${hints.lists}; select a field with a dot`);
    case 'size':
      return lowerSize(lowering, node, call, offset);
    default:
      return lowering.reportOutside(node, `${call.function}(…)`, functionHint(call.function));
  }
}

function lowerLogical(
  lowering: Lowering,
  kind: Logical['kind'],
  operator: string,
  nodes: readonly CelNode[],
  offset: number,
): Expression | undefined {
  const lowered = nodes.map((operand) => lowering.lowerBool(operand, `an operand of ${operator}`));
  const known = lowered.filter((operand) => operand !== undefined);
  if (known.length < lowered.length) return undefined;
  // Absorption is associative, so a chain is one node however the parser balanced it.
  const operands = known.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand]));
  return { kind, operands, type: { kind: 'bool' }, offset };
}

function lowerArithmetic(
  lowering: Lowering,
  name: '_+_' | '_-_' | '_*_' | '_/_' | '_%_',
  [leftNode, rightNode]: Arity2,
  offset: number,
): Expression | undefined {
  const operator = infixOf(name);
  const left = lowering.lowerInt(leftNode, `the left side of ${operator}`);
  const right = lowering.lowerInt(rightNode, `the right side of ${operator}`);
  if (left === undefined || right === undefined) return undefined;
  return { kind: 'arithmetic', operator, left, right, type: { kind: 'int' }, offset };
}

function lowerComparison(
  lowering: Lowering,
  name: '_<_' | '_<=_' | '_>_' | '_>=_',
  [leftNode, rightNode]: Arity2,
  offset: number,
): Expression | undefined {
  const operator = infixOf(name);
  const left = lowering.lowerInt(leftNode, `the left side of ${operator}`);
  const right = lowering.lowerInt(rightNode, `the right side of ${operator}`);
  if (left === undefined || right === undefined) return undefined;
  return { kind: 'comparison', operator, left, right, type: { kind: 'bool' }, offset };
}

function lowerEquality(
  lowering: Lowering,
  name: '_==_' | '_!=_',
  [leftNode, rightNode]: Arity2,
  offset: number,
): Expression | undefined {
  const operator = infixOf(name);
  const left = lowering.lowerScalar(leftNode, `the left side of ${operator}`);
  const right = lowering.lowerScalar(rightNode, `the right side of ${operator}`);
  if (left === undefined || right === undefined) return undefined;
  if (left.type.kind !== right.type.kind) {
    const message = `${operator} compares two values of one type, and the left side is ${typeName(left.type)}`;
    return lowering.reportType(right, message, 'compare values of one type');
  }
  checkLiteral(lowering, left, right);
  checkLiteral(lowering, right, left);
  return { kind: 'equality', operator, left, right, type: { kind: 'bool' }, offset };
}

function lowerMembership(
  lowering: Lowering,
  [elementNode, listNode]: Arity2,
  offset: number,
): Expression | undefined {
  const element = lowering.lowerScalar(elementNode, 'the left side of in');
  const list = lowerListOperand(lowering, listNode, 'the right side of in');
  if (element === undefined || list === undefined) return undefined;
  if (list.type.of.kind !== element.type.kind) {
    const hint = list.type.of.kind === 'struct' ? 'use exists(x, x.type == …)' : 'compare values of one type';
    return lowering.reportType(list, `in looks for ${typeName(element.type)}`, hint);
  }
  if (list.kind === 'list_literal')
    for (const member of list.elements) checkLiteral(lowering, element, member);
  else if (element.kind === 'string_literal' && list.type.of.kind === 'string') {
    checkValue(lowering, element.value, element.offset, list.type.of.values);
  }
  return { kind: 'membership', element, list, type: { kind: 'bool' }, offset };
}

function lowerConditional(
  lowering: Lowering,
  [conditionNode, thenNode, otherwiseNode]: Arity3,
  offset: number,
): Expression | undefined {
  const condition = lowering.lowerBool(conditionNode, 'the condition of ?:');
  const then = lowering.lowerScalar(thenNode, 'a branch of ?:');
  const otherwise = lowering.lowerScalar(otherwiseNode, 'a branch of ?:');
  if (condition === undefined || then === undefined || otherwise === undefined) return undefined;
  if (then.type.kind !== otherwise.type.kind) {
    const message = `both branches of ?: have one type, and the first is ${typeName(then.type)}`;
    return lowering.reportType(otherwise, message, 'make both branches int, bool or string');
  }
  const type = { kind: then.type.kind };
  return { kind: 'conditional', condition, then, otherwise, type, offset } as Expression;
}

function lowerSize(lowering: Lowering, node: CelNode, call: Call, offset: number): Expression | undefined {
  const all = call.target === undefined ? call.args : [call.target, ...call.args];
  const [listNode, extra] = all;
  if (listNode === undefined || extra !== undefined) {
    return lowering.reportOutside(node, `size with ${all.length} operands`, functionHint('size'));
  }
  const list = lowerListOperand(lowering, listNode, 'the operand of size');
  return list && { kind: 'size', list, type: { kind: 'int' }, offset };
}

export function lowerListOperand(
  lowering: Lowering,
  node: CelNode,
  where: string,
): ListExpression | undefined {
  const lowered = lowering.lower(node);
  if (lowered === undefined || isList(lowered)) return lowered;
  const hint = lowered.type.kind === 'string' ? `strings have no parts: ${hints.strings}` : 'name a list';
  return lowering.reportType(lowered, `${where} must be a list`, hint);
}

function isList(expression: Expression): expression is ListExpression {
  return expression.type.kind === 'list';
}

/** A literal that the other side, with its closed set of values, can never equal is a slip. */
function checkLiteral(lowering: Lowering, side: ScalarExpression, literal: ScalarExpression): void {
  if (literal.kind !== 'string_literal' || side.type.kind !== 'string') return;
  checkValue(lowering, literal.value, literal.offset, side.type.values);
}

function checkValue(
  lowering: Lowering,
  value: string,
  offset: number,
  values: readonly string[] | undefined,
): void {
  if (values === undefined || values.includes(value)) return;
  lowering.reportValue(value, offset, values);
}

function infixOf<Operator extends string>(name: `_${Operator}_`): Operator {
  return name.slice(1, -1) as Operator;
}
