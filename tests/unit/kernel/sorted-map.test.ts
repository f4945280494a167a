import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../../../src/kernel/merkle.js';
import { itemOf, withItem, withoutItem } from '../../../src/kernel/sorted-list.js';
import { SortedMap } from '../../../src/kernel/sorted-map.js';
import { Random } from '../../generators/random.js';
import { seed } from '../../support/seed.js';

type Root = SortedMap<number>['root'];

/** Its height, or a throw where a node is heavier on one side than the weights allow. */
function heightOf(node: Root): number {
  if (node === undefined) return 0;
  const [l, r] = [node.left?.size ?? 0, node.right?.size ?? 0];
  if (node.size !== l + r + 1) throw new Error(`size ${node.size} over ${l} and ${r}`);
  if (l + r > 1 && (l > 3 * r || r > 3 * l)) throw new Error(`${l} against ${r}`);
  return 1 + Math.max(heightOf(node.left), heightOf(node.right));
}

const sorted = (map: ReadonlyMap<string, number>) => [...map].sort(([a], [b]) => compareCodePoints(a, b));
const keyOf = (item: readonly [string, number]) => item[0];

describe('a sorted map', () => {
  it('is a map, sorted and balanced, and every earlier one stays what it was', () => {
    const random = new Random(seed, 1);
    const plain = new Map<string, number>();
    let map = SortedMap.empty<number>();
    let list: readonly (readonly [string, number])[] = [];
    const kept: { readonly map: SortedMap<number>; readonly was: readonly [string, number][] }[] = [];
    for (let i = 0; i < 6_000; i += 1) {
      const key = random.pick(['', '\uffee', '\u{1f600}']) + random.integer(0, 300);
      // First it mostly grows, in the end it mostly shrinks.
      if (random.chance(i < 3_000 ? 0.8 : 0.2)) {
        plain.set(key, i);
        map = map.with(key, i);
        list = withItem(list, [key, i], keyOf);
      } else {
        const had = map.has(key);
        const before = map;
        plain.delete(key);
        map = map.without(key);
        list = withoutItem(list, key, keyOf);
        if (!had) expect(map).toBe(before);
      }
      expect(map.size).toBe(plain.size);
      expect(map.get(key)).toBe(plain.get(key));
      expect(itemOf(list, key, keyOf)?.[1]).toBe(plain.get(key));
      if (i % 500 === 0) {
        expect(heightOf(map.root)).toBeLessThanOrEqual(3 * Math.log2(map.size + 2));
        kept.push({ map, was: sorted(plain) });
      }
    }
    expect([...map]).toEqual(sorted(plain));
    expect(list).toEqual(sorted(plain));
    for (const { map: earlier, was } of kept) expect([...earlier.entries()]).toEqual(was);
  });

  it('stays flat when keys come in order', () => {
    let map = SortedMap.empty<number>();
    for (let i = 0; i < 10_000; i += 1) map = map.with(String(i).padStart(5, '0'), i);
    expect(heightOf(map.root)).toBeLessThan(20);
    expect([...map.values()].slice(0, 3)).toEqual([0, 1, 2]);
    expect([...map.keys()].at(-1)).toBe('09999');
    let sum = 0;
    map.forEach((value) => {
      sum += value;
    });
    expect(sum).toBe(49_995_000);
  });
});
