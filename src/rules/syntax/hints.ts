/** What to write instead of the CEL that is outside the fragment. */

const strings = 'compare whole strings: x == "eu-west" or x in ["eu-west", "eu-north"]';
const conversions = 'values are int, bool, string or list already; compare them as they are';
const time = 'time is an integer in microseconds since 1970: compare `now` with integers';
const lists = 'use all, exists or exists_one over the list';
const integers =
  'write whole units: 0.05 USD is 50000 micro-USD, 1.5 s is 1500000 microseconds, 0.9 is 900000 ppm';

const functionHints: ReadonlyMap<string, string> = new Map([
  ...['matches', 'startsWith', 'endsWith', 'contains'].map((name) => [name, strings] as const),
  ...['lowerAscii', 'upperAscii', 'trim', 'split', 'replace', 'substring', 'join', 'charAt', 'indexOf'].map(
    (name) => [name, strings] as const,
  ),
  ...['int', 'uint', 'double', 'string', 'bytes', 'bool', 'dyn', 'type'].map(
    (name) => [name, conversions] as const,
  ),
  ...['timestamp', 'duration', 'getFullYear', 'getMonth', 'getDate', 'getDayOfWeek', 'getHours'].map(
    (name) => [name, time] as const,
  ),
  ...['map', 'filter', 'existsOne', 'transformList', 'transformMap'].map((name) => [name, lists] as const),
  ['has', 'has takes one selected field: has(request.budget.max_cost_micro_usd)'],
  ['size', 'size takes one list: size(request.data.contains)'],
  ['all', 'write list.all(x, condition on x)'],
  ['exists', 'write list.exists(x, condition on x)'],
  ['exists_one', 'write list.exists_one(x, condition on x)'],
]);

export function functionHint(name: string): string {
  return functionHints.get(name) ?? 'the functions of the fragment are has, size, all, exists and exists_one';
}

export const hints = { strings, conversions, time, lists, integers } as const;

/** The member of `names` nearest to `name`, if it is near enough to be a slip of the pen. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `did you mean x?`, or the list of what there is. */
export function nameHint(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return names.length === 0 ? 'it declares no fields' : `declared here: ${[...names].sort().join(', ')}`;
}

/** Levenshtein distance; O(|a|·|b|), names are short. What is left of a name when letters are left out is one step away. */
function editDistance(a: string, b: string): number {
  if (a.length > 2 && isAbbreviation(a, b)) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const substitution = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substitution, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function isAbbreviation(short: string, long: string): boolean {
  if (short[0] !== long[0]) return false;
  let matched = 0;
  for (const letter of long) if (letter === short[matched]) matched += 1;
  return matched === short.length;
}
