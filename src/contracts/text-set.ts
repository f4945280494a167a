import { compareCodePoints } from '../kernel/merkle.js';

/** A set as documents hold it: sorted by code point, without repeats (calculus §2). */
export function textSet<T extends string>(members: readonly T[] | undefined): readonly T[] {
  if (members === undefined) return [];
  if (members.length < 2) return [...members];
  return [...new Set(members)].sort(compareCodePoints);
}
