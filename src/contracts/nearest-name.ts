/** Longer names are nobody's typing mistake. */
const longest = 64;

/**
 * The candidate that `name` most likely stands for: least edit distance (insert, delete, replace, swap of neighbours), at most a third
 * of the name's length, ties to the earlier candidate; also one that differs by case, dashes or a unit at its end. `undefined` for none.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > longest) return undefined;
  const plain = plainName(name);
  const same = candidates.find((candidate) => plainName(candidate) === plain);
  if (same !== undefined) return same;
  const extended = candidates.filter((candidate) => candidate.startsWith(`${name}_`));
  if (extended.length === 1) return extended[0];
  let nearest: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain, plainName(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

function plainName(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function editDistance(a: string, b: string): number {
  let earlier: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replace, at(previous, j) + 1, at(row, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(earlier, j - 2) + 1);
      }
      row.push(least);
    }
    earlier = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
