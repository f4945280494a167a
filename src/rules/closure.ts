import type { EvaluationError } from './evaluation-error.js';

/**
 * Normalised documents by variable: safe integers, strings, booleans, arrays, objects; absent means that the property is
 * missing. They have the declared types: the parsers of `contracts` saw to it.
 */
export interface Bindings {
  readonly [variable: string]: unknown;
}

/** A compiled expression. `element` is the one that the enclosing quantifier is looking at. */
export type Closure<T> = (bindings: Bindings, element: unknown) => T | EvaluationError;

/** A scalar is never an object, so `typeof value === 'object'` tells an error from one, which is cheaper than `instanceof`. */
export type Scalar = number | boolean | string;
