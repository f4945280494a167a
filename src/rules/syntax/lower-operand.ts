import type { Expression, Literal } from './ast.js';
import { hints, nameHint } from './hints.js';
import { isLiteral, type Lowering } from './lowering.js';
import type { CelNode } from './parse.js';
import { problemAt, type RuleProblemCode } from './problem.js';
import { type Field, fieldOf, isReadable, type StructType, typeName, variableOf } from './types.js';

/** Literals of int, string and bool. */
export function lowerConstant(
  lowering: Lowering,
  node: CelNode,
  constant: { readonly case?: string | undefined; readonly value?: unknown },
): Expression | undefined {
  const offset = lowering.offsetOf(node);
  switch (constant.case) {
    case 'boolValue':
      return { kind: 'bool_literal', value: constant.value as boolean, type: { kind: 'bool' }, offset };
    case 'stringValue':
      return { kind: 'string_literal', value: constant.value as string, type: { kind: 'string' }, offset };
    case 'int64Value': {
      const value = Number(constant.value);
      if (Number.isSafeInteger(value)) return { kind: 'int_literal', value, type: { kind: 'int' }, offset };
      return lowering.report(
        node,
        'out_of_range',
        `${String(constant.value)} is beyond ±(2^53 − 1)`,
        'integers of the fragment lie between -9007199254740991 and 9007199254740991',
      );
    }
    case 'doubleValue':
      return lowering.reportOutside(node, 'a number with a fraction or exponent', hints.integers);
    case 'uint64Value':
      return lowering.reportOutside(node, 'an unsigned integer', 'drop the u');
    case 'nullValue':
      return lowering.reportOutside(
        node,
        'null',
        'absent means missing: ask has(request.budget.max_cost_micro_usd)',
      );
    default:
      return lowering.reportOutside(node, 'a bytes literal', hints.strings);
  }
}

/** A declared variable, or the element of the enclosing quantifier. */
export function lowerName(lowering: Lowering, node: CelNode, name: string): Expression | undefined {
  const offset = lowering.offsetOf(node);
  if (lowering.element?.name === name) {
    const { type } = lowering.element;
    return type && ({ kind: 'element', name, type, offset } as Expression);
  }
  const type = variableOf(lowering.environment, name);
  // One node kind for every type: the union is by type, and TypeScript does not distribute over an unknown one.
  if (type !== undefined) return { kind: 'variable', name, type, offset } as Expression;
  const { unavailable = {} } = lowering.options;
  const advice = Object.hasOwn(unavailable, name) ? unavailable[name] : undefined;
  const message = advice === undefined ? `there is no variable ${name}` : `${name} cannot be read here`;
  return lowering.report(
    node,
    'unknown_name',
    message,
    advice ?? nameHint(name, Object.keys(lowering.environment)),
  );
}

/** `a.b`, and `has(a.b)`, which the parser hands over as a selection for test only. */
export function lowerSelect(
  lowering: Lowering,
  node: CelNode,
  select: { readonly operand?: CelNode | undefined; readonly field: string; readonly testOnly: boolean },
): Expression | undefined {
  if (select.operand === undefined) return lowering.reportOutside(node, 'this', 'select from a variable');
  const operand = lowering.lower(select.operand);
  if (operand === undefined) return undefined;
  if (operand.type.kind !== 'struct') {
    const hint =
      operand.type.kind === 'list' ? `a list has no fields: ${hints.lists}` : 'only objects have fields';
    return lowering.reportType(operand, `.${select.field} selects from an object`, hint);
  }
  const declared = fieldOf(operand.type, select.field);
  if (declared === undefined || !isReadable(declared)) {
    return reportField(lowering, node, select, declared, operand.type);
  }
  const { field } = select;
  const shared = { operand, field, optional: declared.optional };
  if (select.testOnly) {
    return { kind: 'has', type: { kind: 'bool' }, ...shared, offset: lowering.offsetOf(node) } as Expression;
  }
  // The parser places a selection at its dot; a reader looks for it where its path begins.
  return { kind: 'select', type: declared.type, ...shared, offset: operand.offset } as Expression;
}

function reportField(
  lowering: Lowering,
  node: CelNode,
  { field, testOnly }: { readonly field: string; readonly testOnly: boolean },
  declared: Field | undefined,
  struct: StructType,
): undefined {
  // The node of has(a.b) stands at `has`, that of a selection at its dot; the name follows.
  const from = lowering.offsetOf(node);
  const found = lowering.source.indexOf(field, from);
  const offset = found < 0 || testOnly ? from : found;
  const report = (code: RuleProblemCode, message: string, hint: string): undefined => {
    lowering.problems.push(problemAt(lowering.source, offset, code, message, hint));
  };
  if (declared === undefined) {
    const readable = Object.keys(struct.fields).filter((name) => {
      const candidate = fieldOf(struct, name);
      return candidate !== undefined && isReadable(candidate);
    });
    return report('unknown_name', `there is no field ${field}`, nameHint(field, readable));
  }
  if (declared.sealed === true) {
    return report('sealed_field', `${field} is sealed: rules cannot read it`, 'decide on clear fields only');
  }
  return report('unknown_name', `${field} cannot be read by rules`, declared.instead ?? 'read another field');
}

/**
 * A list literal: literals of one type, at least one. Other elements are outside the fragment: to cel-js, without
 * declared types, `[1, n]` is a list of two types.
 */
export function lowerList(
  lowering: Lowering,
  node: CelNode,
  nodes: readonly CelNode[],
): Expression | undefined {
  if (nodes.length === 0) {
    return lowering.reportOutside(node, 'an empty list literal', 'name at least one element');
  }
  const elements = nodes.map((element) => lowerListElement(lowering, element));
  const known = elements.filter((element) => element !== undefined);
  const [first] = known;
  if (first === undefined) return undefined;
  const other = known.find((element) => element.type.kind !== first.type.kind);
  if (other !== undefined) {
    return lowering.reportType(
      other,
      `the list holds ${typeName(first.type)}`,
      'a list literal has elements of one type',
    );
  }
  if (known.length < elements.length) return undefined;
  const type = { kind: 'list', of: { kind: first.type.kind } } as const;
  return { kind: 'list_literal', elements: known, type, offset: lowering.offsetOf(node) };
}

function lowerListElement(lowering: Lowering, node: CelNode): Literal | undefined {
  const element = lowering.lowerScalar(node, 'an element of a list literal');
  if (element === undefined || isLiteral(element)) return element;
  return lowering.reportOutside(
    node,
    'a list literal with anything but literals',
    'write x == a || x == b instead of x in [a, b]; write -1 without a space',
  );
}
