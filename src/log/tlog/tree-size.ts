import { ok } from '../../kernel/result.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** The greatest power of two below n, for n > 1: where RFC 6962 §2.1 splits a tree of n leaves. */
export function splitPoint(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Whether n is an exact integer from 0. */
export function isNatural(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** That `index` names one of `size` leaves. Error `range_invalid`. */
export function checkIndex(index: number, size: number): TlogResult<true> {
  return isNatural(index) && isNatural(size) && index < size
    ? ok(true)
    : tlogError('range_invalid', `there is no leaf ${index} of ${size}`);
}

/** That a tree of `before` leaves can have grown to `after`. Error `range_invalid`. */
export function checkGrowth(before: number, after: number): TlogResult<true> {
  return isNatural(before) && isNatural(after) && before <= after
    ? ok(true)
    : tlogError('range_invalid', `a tree of ${before} leaves does not grow to ${after}`);
}

const decimal = /^(?:0|[1-9][0-9]{0,15})$/;

/** A natural number in decimal digits without leading zeros; `undefined` for any other text or beyond 2⁵³ − 1. */
export function parseNatural(text: string): number | undefined {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
