import { addBit, type Bitset, bitsetOf, copyBitset, emptyBitset, removeBit } from './bitset.js';
import { Defect } from './errors.js';
import { compareCodePoints } from './merkle.js';

/** What of an item is indexed: keys by family (each item has any number of keys in a family), and one number by column. */
export interface FacetSource<Item> {
  readonly families: { readonly [family: string]: (item: Item) => readonly string[] };
  /** NaN stands for "states none"; comparisons with it are false. */
  readonly columns: { readonly [column: string]: (item: Item) => number };
}

interface Posting {
  /** Ascending. */
  readonly positions: Int32Array;
  /** The same as bits, made when first asked for: most keys of a large index never are. */
  bits?: Bitset;
}
type Family = ReadonlyMap<string, Posting>;

/** How many answers to repeated questions an index remembers before it forgets them all. */
const memoLimit = 4096;

/**
 * An immutable index over items at positions 0 … size−1. Built once; `replaceAt`, `insertAt` and `removeAt` give a new index that
 * shares with this one whatever did not change. What it remembers beside its contents are answers derivable from them.
 */
export class FacetIndex<Item> {
  readonly size: number;
  private readonly source: FacetSource<Item>;
  private readonly families: ReadonlyMap<string, Family>;
  private readonly columns: ReadonlyMap<string, Float64Array>;
  private readonly sortedKeys = new Map<string, readonly string[]>();
  private readonly memo = new Map<string, Bitset>();

  private constructor(
    size: number,
    source: FacetSource<Item>,
    families: ReadonlyMap<string, Family>,
    columns: ReadonlyMap<string, Float64Array>,
  ) {
    this.size = size;
    this.source = source;
    this.families = families;
    this.columns = columns;
  }

  static build<Item>(items: readonly Item[], source: FacetSource<Item>): FacetIndex<Item> {
    const families = new Map<string, Family>();
    for (const [name, keysOf] of Object.entries(source.families)) {
      const lists = new Map<string, number[]>();
      items.forEach((item, position) => {
        for (const key of new Set(keysOf(item))) {
          const list = lists.get(key);
          if (list === undefined) lists.set(key, [position]);
          else list.push(position);
        }
      });
      const family = new Map<string, Posting>();
      for (const [key, list] of lists) family.set(key, { positions: Int32Array.from(list) });
      families.set(name, family);
    }
    const columns = new Map<string, Float64Array>();
    for (const [name, numberOf] of Object.entries(source.columns)) {
      columns.set(
        name,
        Float64Array.from(items, (item) => numberOf(item)),
      );
    }
    return new FacetIndex(items.length, source, families, columns);
  }

  /** The positions that have `key`; empty where none has. Do not change it. */
  members(family: string, key: string): Bitset {
    const posting = this.family(family).get(key);
    if (posting === undefined) return this.remember('', () => emptyBitset(this.size));
    posting.bits ??= bitsetOf(this.size, posting.positions);
    return posting.bits;
  }

  /** The keys of a family that some item has, in code-point order. */
  keys(family: string): readonly string[] {
    let keys = this.sortedKeys.get(family);
    if (keys === undefined) {
      keys = [...this.family(family).keys()].sort(compareCodePoints);
      this.sortedKeys.set(family, keys);
    }
    return keys;
  }

  column(name: string): Float64Array {
    const column = this.columns.get(name);
    if (column === undefined) throw new Defect('internal', `the index has no column ${name}`);
    return column;
  }

  /** The bitset that `question` names, computed at most once while it is remembered. The question must name all it depends on. */
  remember(question: string, answer: () => Bitset): Bitset {
    let bits = this.memo.get(question);
    if (bits === undefined) {
      bits = answer();
      if (this.memo.size >= memoLimit) this.memo.clear();
      this.memo.set(question, bits);
    }
    return bits;
  }

  /** With `after` in the place of `before` at `position`. Cost: the columns and postings that change, copied. */
  replaceAt(position: number, before: Item, after: Item): FacetIndex<Item> {
    const families = new Map(this.families);
    for (const [name, keysOf] of Object.entries(this.source.families)) {
      const old = new Set(keysOf(before));
      const fresh = new Set(keysOf(after));
      const gone = [...old].filter((key) => !fresh.has(key));
      const come = [...fresh].filter((key) => !old.has(key));
      if (gone.length === 0 && come.length === 0) continue;
      const family = new Map(this.family(name));
      for (const key of gone) withoutPosition(family, key, position);
      for (const key of come) withPosition(family, key, position, this.size);
      families.set(name, family);
    }
    const columns = new Map(this.columns);
    for (const [name, numberOf] of Object.entries(this.source.columns)) {
      const value = numberOf(after);
      const column = this.column(name);
      if (Object.is(column[position], value)) continue;
      const changed = column.slice();
      changed[position] = value;
      columns.set(name, changed);
    }
    return new FacetIndex(this.size, this.source, families, columns);
  }

  /** With `item` at `position`, what was there and after it one further. O(postings). */
  insertAt(position: number, item: Item): FacetIndex<Item> {
    const shifted = this.shift(position, 0, 1);
    for (const [name, keysOf] of Object.entries(this.source.families)) {
      const family = shifted.families.get(name) as Map<string, Posting>;
      for (const key of new Set(keysOf(item))) withPosition(family, key, position, this.size + 1);
    }
    for (const [name, numberOf] of Object.entries(this.source.columns)) {
      (shifted.columns.get(name) as Float64Array)[position] = numberOf(item);
    }
    return new FacetIndex(this.size + 1, this.source, shifted.families, shifted.columns);
  }

  /** Without the item at `position`, what was after it one nearer. O(postings). */
  removeAt(position: number): FacetIndex<Item> {
    const shifted = this.shift(position, 1, 0);
    return new FacetIndex(this.size - 1, this.source, shifted.families, shifted.columns);
  }

  /** Copies in which the `removed` positions from `position` on are replaced by `inserted` new ones, in no posting and with no number. */
  private shift(position: number, removed: number, inserted: number) {
    const families = new Map<string, Map<string, Posting>>();
    for (const [name, family] of this.families) {
      const copy = new Map<string, Posting>();
      for (const [key, posting] of family) {
        const positions = shiftPositions(posting.positions, position, removed, inserted);
        if (positions.length > 0) copy.set(key, { positions });
      }
      families.set(name, copy);
    }
    const columns = new Map<string, Float64Array>();
    for (const [name, column] of this.columns) {
      const copy = new Float64Array(column.length - removed + inserted);
      copy.set(column.subarray(0, position));
      copy.set(column.subarray(position + removed), position + inserted);
      columns.set(name, copy);
    }
    return { families, columns };
  }

  private family(name: string): Family {
    const family = this.families.get(name);
    if (family === undefined) throw new Defect('internal', `the index has no family ${name}`);
    return family;
  }
}

function shiftPositions(positions: Int32Array, from: number, removed: number, inserted: number): Int32Array {
  const kept = positions.filter((position) => position < from || position >= from + removed);
  for (let i = 0; i < kept.length; i += 1) {
    if ((kept[i] as number) >= from) kept[i] = (kept[i] as number) - removed + inserted;
  }
  return kept;
}

function withoutPosition(family: Map<string, Posting>, key: string, position: number): void {
  const posting = family.get(key);
  if (posting === undefined) return;
  const positions = posting.positions.filter((other) => other !== position);
  if (positions.length === 0) {
    family.delete(key);
    return;
  }
  family.set(
    key,
    flipped(posting, positions, (bits) => removeBit(bits, position)),
  );
}

function withPosition(family: Map<string, Posting>, key: string, position: number, size: number): void {
  const posting = family.get(key);
  if (posting === undefined) {
    family.set(key, { positions: Int32Array.of(position) });
    return;
  }
  const positions = new Int32Array(posting.positions.length + 1);
  const before = posting.positions.findIndex((other) => other > position);
  const at = before < 0 ? posting.positions.length : before;
  positions.set(posting.positions.subarray(0, at));
  positions[at] = position;
  positions.set(posting.positions.subarray(at), at + 1);
  const sameSize = posting.bits?.size === size ? posting : { positions: posting.positions };
  family.set(
    key,
    flipped(sameSize, positions, (bits) => addBit(bits, position)),
  );
}

function flipped(posting: Posting, positions: Int32Array, flip: (bits: Bitset) => void): Posting {
  if (posting.bits === undefined) return { positions };
  const bits = copyBitset(posting.bits);
  flip(bits);
  return { positions, bits };
}
