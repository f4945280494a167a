import { compareCodePoints } from './merkle.js';

/** Lists without repeats, sorted by key in code-point order. Changes give another list: O(log n) to find the place, then a copy. */
type KeyOf<T> = (item: T) => string;

/** The list with `item` in it, in place of one with the same key. */
export function withItem<T>(items: readonly T[], item: T, keyOf: KeyOf<T>): readonly T[] {
  const key = keyOf(item);
  const at = lowerBound(items, key, keyOf);
  return items.toSpliced(at, hasAt(items, at, key, keyOf) ? 1 : 0, item);
}

/** The same list where no item has the key. */
export function withoutItem<T>(items: readonly T[], key: string, keyOf: KeyOf<T>): readonly T[] {
  const at = lowerBound(items, key, keyOf);
  return hasAt(items, at, key, keyOf) ? items.toSpliced(at, 1) : items;
}

export function itemOf<T>(items: readonly T[], key: string, keyOf: KeyOf<T>): T | undefined {
  const at = lowerBound(items, key, keyOf);
  return hasAt(items, at, key, keyOf) ? items[at] : undefined;
}

function hasAt<T>(items: readonly T[], at: number, key: string, keyOf: KeyOf<T>): boolean {
  const found = items[at];
  return found !== undefined && keyOf(found) === key;
}

/** Where the first item stands that is not before `key`. */
function lowerBound<T>(items: readonly T[], key: string, keyOf: KeyOf<T>): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(keyOf(items[middle] as T), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
