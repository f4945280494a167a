/**
 * The semantics of the policy fragment written down as plainly as possible, over exact integers and with their range a
 * parameter: at ±(2⁵³−1) it says what CAIO's evaluators must give, at int64 what a CEL implementation must give. It also records
 * what happened on the way. It starts from our typed tree, so lowering is not tested by it but by the other evaluators.
 */

import type { Bindings } from '../../src/rules/closure.js';
import type { EvaluationErrorKind } from '../../src/rules/evaluation-error.js';
import type { Expression } from '../../src/rules/syntax/ast.js';

export class Failure {
  constructor(readonly kind: EvaluationErrorKind) {}
}
export type Outcome = bigint | boolean | string | readonly unknown[] | object | Failure;

/** Inclusive. */
export interface IntegerRange {
  readonly least: bigint;
  readonly greatest: bigint;
}
export const safeRange: IntegerRange = { least: -(2n ** 53n) + 1n, greatest: 2n ** 53n - 1n };
export const int64Range: IntegerRange = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n };

export interface Witnessed {
  /** Errors raised anywhere, absorbed or not. */
  readonly raised: EvaluationErrorKind[];
  /** Integer results with a magnitude beyond 2⁵³−1. */
  beyondSafe: number;
  /** −(−2⁶³), which cel-js lets pass though it is no int64. */
  leastNegated: number;
  emptyLists: number;
  /** An error met a value that decided without it. */
  absorbed: number;
}

export class Reference {
  readonly witnessed: Witnessed = { raised: [], beyondSafe: 0, leastNegated: 0, emptyLists: 0, absorbed: 0 };

  constructor(
    private readonly bindings: Bindings,
    private readonly range: IntegerRange,
  ) {}

  evaluate(node: Expression, element?: unknown): Outcome {
    switch (node.kind) {
      case 'bool_literal':
      case 'string_literal':
        return node.value;
      case 'int_literal':
        return BigInt(node.value);
      case 'variable':
        return exact(this.bindings[node.name]);
      case 'element':
        return exact(element);
      case 'select':
        return this.select(this.evaluate(node.operand, element), node.field);
      case 'has': {
        const operand = this.evaluate(node.operand, element);
        return operand instanceof Failure ? operand : Object.hasOwn(operand as object, node.field);
      }
      case 'not': {
        const operand = this.evaluate(node.operand, element);
        return operand instanceof Failure ? operand : !operand;
      }
      case 'negation': {
        const operand = this.evaluate(node.operand, element);
        if (operand === int64Range.least) this.witnessed.leastNegated += 1;
        return operand instanceof Failure ? operand : this.integer(-(operand as bigint));
      }
      case 'and':
      case 'or':
        return this.absorb(
          node.kind === 'or',
          node.operands.map((operand) => this.evaluate(operand, element)),
        );
      case 'conditional': {
        const condition = this.evaluate(node.condition, element);
        if (condition instanceof Failure) return condition;
        return this.evaluate(condition ? node.then : node.otherwise, element);
      }
      case 'list_literal': {
        const members = node.elements.map((member) => this.evaluate(member, element));
        return members.find((member) => member instanceof Failure) ?? members;
      }
      case 'size': {
        const list = this.list(this.evaluate(node.list, element));
        return list instanceof Failure ? list : BigInt(list.length);
      }
      case 'membership': {
        const member = this.evaluate(node.element, element);
        const list = this.list(this.evaluate(node.list, element));
        if (member instanceof Failure) return member;
        return list instanceof Failure ? list : list.some((candidate) => exact(candidate) === member);
      }
      case 'all':
      case 'exists':
      case 'exists_one': {
        const list = this.list(this.evaluate(node.list, element));
        if (list instanceof Failure) return list;
        const bodies = list.map((member) => this.evaluate(node.body, member));
        if (node.kind !== 'exists_one') return this.absorb(node.kind === 'exists', bodies);
        const failure = bodies.find((body) => body instanceof Failure);
        return failure ?? bodies.filter((body) => body === true).length === 1;
      }
      case 'equality':
      case 'comparison':
      case 'arithmetic': {
        const left = this.evaluate(node.left, element);
        const right = this.evaluate(node.right, element);
        if (left instanceof Failure) return left;
        if (right instanceof Failure) return right;
        if (node.kind === 'equality') return (left === right) === (node.operator === '==');
        return this.onIntegers(node.operator, left as bigint, right as bigint);
      }
    }
  }

  private onIntegers(operator: string, a: bigint, b: bigint): Outcome {
    switch (operator) {
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>':
        return a > b;
      case '>=':
        return a >= b;
      case '+':
        return this.integer(a + b);
      case '-':
        return this.integer(a - b);
      case '*':
        return this.integer(a * b);
      case '/':
        return b === 0n ? this.raise('division_by_zero') : this.integer(a / b);
      default:
        return b === 0n ? this.raise('division_by_zero') : a % b;
    }
  }

  private absorb(absorbing: boolean, values: readonly Outcome[]): Outcome {
    const failure = values.find((value) => value instanceof Failure);
    if (values.includes(absorbing)) {
      if (failure !== undefined) this.witnessed.absorbed += 1;
      return absorbing;
    }
    return failure ?? !absorbing;
  }

  private select(operand: Outcome, field: string): Outcome {
    if (operand instanceof Failure) return operand;
    if (!Object.hasOwn(operand as object, field)) return this.raise('absent_field');
    return exact((operand as Record<string, unknown>)[field]);
  }

  private list(value: Outcome): readonly unknown[] | Failure {
    if (Array.isArray(value) && value.length === 0) this.witnessed.emptyLists += 1;
    return value as readonly unknown[] | Failure;
  }

  private integer(value: bigint): Outcome {
    if (!within(value, safeRange)) this.witnessed.beyondSafe += 1;
    return within(value, this.range) ? value : this.raise('integer_overflow');
  }

  private raise(kind: EvaluationErrorKind): Failure {
    this.witnessed.raised.push(kind);
    return new Failure(kind);
  }
}

/** Integers of the bindings as exact ones; anything else as it is. */
export function exact(value: unknown): Outcome {
  return typeof value === 'number' ? BigInt(value) : (value as Outcome);
}

function within(value: bigint, { least, greatest }: IntegerRange): boolean {
  return least <= value && value <= greatest;
}
