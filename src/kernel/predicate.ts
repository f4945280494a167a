import {
  type Bitset,
  copyBitset,
  countBits,
  countCommon,
  hasBit,
  intersect,
  subtractInto,
  uniteInto,
} from './bitset.js';

/** One predicate of a step, over all positions at once. Of what `fails` gives only the part within `among` counts. */
export interface Predicate<Code extends string> {
  readonly code: Code;
  readonly ref: string;
  /** Positions that fail; asked for positions still in question only. Do not change the result. */
  readonly fails: (among: Bitset) => Bitset;
  /** A finding is made only where the predicate before this one made none (one component with several refs). */
  readonly unlessPrevious?: true;
}

/** Positions whose first finding is (code, ref). */
export interface FindingGroup<Code extends string> {
  readonly code: Code;
  readonly ref: string;
  readonly count: number;
  readonly members: Bitset;
}

export interface Narrowed<Code extends string> {
  readonly entered: Bitset;
  readonly left: Bitset;
  /** In order of the first predicate of each. */
  readonly groups: readonly FindingGroup<Code>[];
  /** Every predicate of the step in order, for the findings of single positions. */
  readonly predicates: readonly Predicate<Code>[];
}

/** Keeps what passes every predicate, and groups the rest by first finding. Stops when nothing is left. O(predicates · words). */
export function narrow<Code extends string>(
  entered: Bitset,
  predicates: readonly Predicate<Code>[],
): Narrowed<Code> {
  const left = copyBitset(entered);
  const groups = new Map<string, FindingGroup<Code>>();
  let remaining = countBits(left);
  for (const predicate of predicates) {
    if (remaining === 0) break;
    const fails = predicate.fails(left);
    const count = countCommon(left, fails);
    if (count === 0) continue;
    const members = intersect(left, fails);
    subtractInto(left, left, fails);
    remaining -= count;
    const { code, ref } = predicate;
    const key = `${code}\n${ref}`;
    const same = groups.get(key);
    if (same !== undefined) uniteInto(members, same.members);
    groups.set(key, { code, ref, count: count + (same?.count ?? 0), members });
  }
  return { entered, left, groups: [...groups.values()], predicates };
}

/** The findings of one position that entered the step, in order, at most `limit`. */
export function findingsAt<Code extends string>(
  narrowed: Narrowed<Code>,
  position: number,
  limit: number,
): readonly { readonly code: Code; readonly ref: string }[] {
  const only = singleton(narrowed.entered.size, position);
  const findings: { code: Code; ref: string }[] = [];
  let previousFailed = false;
  for (const { code, ref, fails, unlessPrevious } of narrowed.predicates) {
    if (findings.length === limit) break;
    if (unlessPrevious === true && previousFailed) continue;
    previousFailed = hasBit(fails(only), position);
    if (previousFailed) findings.push({ code, ref });
  }
  return findings;
}

function singleton(size: number, position: number): Bitset {
  const words = new Int32Array((size + 31) >>> 5);
  words[position >>> 5] = 1 << (position & 31);
  return { size, words };
}
