/** A set as documents hold it: sorted by code point (not by UTF-16 code unit, as `sort` does), without repeats. */
export function asSortedSet<T extends string>(members: Iterable<T>): T[] {
  return [...new Set(members)].sort(compare);
}

function compare(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
