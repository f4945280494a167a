import type { Bindings, Closure } from './closure.js';
import { EvaluationError } from './evaluation-error.js';
import type { Expression, Has } from './syntax/ast.js';

/** A variable or element and the fields selected from it, outermost first. */
interface Path {
  /** undefined: the element of the enclosing quantifier. */
  readonly variable: string | undefined;
  readonly fields: readonly string[];
  /** The error when `fields[i]` is absent. */
  readonly errors: readonly EvaluationError[];
}

type Reference = Extract<Expression, { kind: 'variable' | 'element' | 'select' }>;
interface Struct {
  readonly [field: string]: unknown;
}

/** The value that is referred to, or `absent_field`. Declared names only, so no read reaches a prototype. */
export function pathClosure(reference: Reference): Closure<unknown> {
  const { variable, fields, errors } = pathOf(reference);
  if (variable === undefined) return elementPath(fields, errors);
  const [first, second, third] = fields as [string, string, string];
  const [noFirst, noSecond, noThird] = errors as [EvaluationError, EvaluationError, EvaluationError];
  switch (fields.length) {
    case 0:
      return (bindings) => bindings[variable];
    case 1:
      return (bindings) => {
        const value = (bindings[variable] as Struct)[first];
        return value === undefined ? noFirst : value;
      };
    case 2:
      return (bindings) => {
        const inner = (bindings[variable] as Struct)[first];
        if (inner === undefined) return noFirst;
        const value = (inner as Struct)[second];
        return value === undefined ? noSecond : value;
      };
    case 3:
      return (bindings) => {
        const outer = (bindings[variable] as Struct)[first];
        if (outer === undefined) return noFirst;
        const inner = (outer as Struct)[second];
        if (inner === undefined) return noSecond;
        const value = (inner as Struct)[third];
        return value === undefined ? noThird : value;
      };
    default:
      return (bindings) => follow(bindings[variable], fields, errors);
  }
}

/** Whether the operand has the field; the operand's error when it is absent itself. */
export function hasClosure({ field }: Has, operand: Closure<unknown>): Closure<boolean> {
  return (bindings: Bindings, element: unknown) => {
    const value = operand(bindings, element);
    return value instanceof EvaluationError ? value : (value as Struct)[field] !== undefined;
  };
}

function elementPath(fields: readonly string[], errors: readonly EvaluationError[]): Closure<unknown> {
  return fields.length === 0 ? (_, element) => element : (_, element) => follow(element, fields, errors);
}

function follow(root: unknown, fields: readonly string[], errors: readonly EvaluationError[]): unknown {
  let value = root;
  for (let index = 0; index < fields.length; index += 1) {
    value = (value as Struct)[fields[index] as string];
    if (value === undefined) return errors[index];
  }
  return value;
}

function pathOf(reference: Reference): Path {
  if (reference.kind === 'variable') return { variable: reference.name, fields: [], errors: [] };
  if (reference.kind === 'element') return { variable: undefined, fields: [], errors: [] };
  const parent = pathOf(reference.operand);
  const fields = [...parent.fields, reference.field];
  const name = [parent.variable ?? 'element', ...fields].join('.');
  const error = new EvaluationError('absent_field', name, reference.offset);
  return { variable: parent.variable, fields, errors: [...parent.errors, error] };
}
