import type { BoolType, IntType, ListType, ScalarType, StringType, StructType } from './types.js';

/**
 * The typed syntax tree of the policy fragment. It has two consumers, which must agree on every node: the closures
 * of the engine (`compile.ts`) and the terms of the SMT prover. What is not a node here is not in the fragment.
 *
 * `offset` is the node's place in the source text (UTF-16 units, 0-based), for messages.
 */
export type Expression =
  | BoolExpression
  | IntExpression
  | StringExpression
  | ListExpression
  | StructExpression;

/** Expressions by the type they have. Variables, elements, selections and conditionals can have several. */
export type BoolExpression =
  | BoolLiteral
  | Reference<BoolType>
  | Conditional<BoolType>
  | Has
  | Not
  | Logical
  | Comparison
  | Equality
  | Membership
  | Quantifier;
export type IntExpression =
  | IntLiteral
  | Reference<IntType>
  | Conditional<IntType>
  | Negation
  | Arithmetic
  | Size;
export type StringExpression = StringLiteral | Reference<StringType> | Conditional<StringType>;
export type ListExpression = ListLiteral | Reference<ListType>;
export type StructExpression = Reference<StructType>;
export type Literal = BoolLiteral | IntLiteral | StringLiteral;
export type ScalarExpression = BoolExpression | IntExpression | StringExpression;

/** Something read from the bindings. */
export type Reference<T> = Variable<T> | Element<T> | Select<T>;

interface Node<T> {
  readonly offset: number;
  readonly type: T;
}

export interface BoolLiteral extends Node<BoolType> {
  readonly kind: 'bool_literal';
  readonly value: boolean;
}

/** A safe integer. */
export interface IntLiteral extends Node<IntType> {
  readonly kind: 'int_literal';
  readonly value: number;
}

/** Well-formed Unicode. */
export interface StringLiteral extends Node<StringType> {
  readonly kind: 'string_literal';
  readonly value: string;
}

/** At least one element; all of one scalar type. */
export interface ListLiteral extends Node<ListType> {
  readonly kind: 'list_literal';
  readonly elements: readonly Literal[];
}

export interface Variable<T> extends Node<T> {
  readonly kind: 'variable';
  readonly name: string;
}

/** The element that the enclosing quantifier is looking at. Quantifiers do not nest, so there is one. */
export interface Element<T> extends Node<T> {
  readonly kind: 'element';
  readonly name: string;
}

/** `operand.field`; absent at run time is the error `absent_field`. */
export interface Select<T> extends Node<T> {
  readonly kind: 'select';
  readonly operand: StructExpression;
  readonly field: string;
  /** Declared optional; a field that is not can be taken to be present. */
  readonly optional: boolean;
}

/** `has(operand.field)`: an error when `operand` is. */
export interface Has extends Node<BoolType> {
  readonly kind: 'has';
  readonly operand: StructExpression;
  readonly field: string;
  readonly optional: boolean;
}

export interface Not extends Node<BoolType> {
  readonly kind: 'not';
  readonly operand: BoolExpression;
}

export interface Negation extends Node<IntType> {
  readonly kind: 'negation';
  readonly operand: IntExpression;
}

/** `/` truncates toward zero, `%` has the dividend's sign; by zero, or beyond ±(2⁵³−1), is an error. */
export interface Arithmetic extends Node<IntType> {
  readonly kind: 'arithmetic';
  readonly operator: '+' | '-' | '*' | '/' | '%';
  readonly left: IntExpression;
  readonly right: IntExpression;
}

export interface Comparison extends Node<BoolType> {
  readonly kind: 'comparison';
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly left: IntExpression;
  readonly right: IntExpression;
}

/** Both sides of one scalar kind. */
export interface Equality extends Node<BoolType> {
  readonly kind: 'equality';
  readonly operator: '==' | '!=';
  readonly left: ScalarExpression;
  readonly right: ScalarExpression;
}

/** `element in list`, the element of the list's scalar kind. */
export interface Membership extends Node<BoolType> {
  readonly kind: 'membership';
  readonly element: ScalarExpression;
  readonly list: ListExpression;
}

/**
 * Two or more operands, in source order, none of the same kind. `and`: false if one is false, else an error if one
 * errs, else true. `or`: true if one is true, else an error if one errs, else false.
 */
export interface Logical extends Node<BoolType> {
  readonly kind: 'and' | 'or';
  readonly operands: readonly BoolExpression[];
}

/** An error if the condition errs; otherwise the chosen branch, and only it. */
export interface Conditional<T extends ScalarType> extends Node<T> {
  readonly kind: 'conditional';
  readonly condition: BoolExpression;
  readonly then: ScalarExpression;
  readonly otherwise: ScalarExpression;
}

export interface Size extends Node<IntType> {
  readonly kind: 'size';
  readonly list: ListExpression;
}

/**
 * Over the elements of `list`, in order. `all`: as `and` over the bodies (true when empty); `exists`: as `or`
 * (false when empty); `exists_one`: an error if a body errs, else whether exactly one is true.
 */
export interface Quantifier extends Node<BoolType> {
  readonly kind: 'all' | 'exists' | 'exists_one';
  readonly list: ListExpression;
  readonly variable: string;
  readonly body: BoolExpression;
}
