import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Digest, digestFromBytes, digestOf, parseDigest } from '../../../src/kernel/digest.js';
import {
  buildSet,
  compareCodePoints,
  type InclusionProof,
  itemInSet,
  leafHash,
  type MerkleSet,
  nodeHash,
  proveInSet,
  putInSet,
  removeFromSet,
  type SetItem,
  setRoot,
} from '../../../src/kernel/merkle.js';
import { rootOfInclusion } from '../../../src/verifier/inclusion.js';

interface Case {
  readonly items: readonly SetItem[];
  readonly root: Digest;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../vectors/set-root.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

function itemsOf(size: number): SetItem[] {
  return Array.from({ length: size }, (_, i) => ({ id: `s${i * 7}`, digest: digestOf('test', i) }));
}

/** RFC 6962 §2.1 as it is written, by recursion on the largest power of two below n. */
function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) throw new Error('no leaves');
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)));
}

function plainSetRoot(items: readonly SetItem[]): Digest {
  const sorted = [...items].sort((a, b) => compareCodePoints(a.id, b.id));
  const leaves = sorted.map(({ id, digest }) =>
    leafHash(Buffer.concat([Buffer.from(id, 'utf8'), Buffer.from(digest, 'hex')])),
  );
  return digestFromBytes(plainRoot(leaves));
}

function flipped(digest: Digest): Digest {
  const parsed = parseDigest(`${digest.startsWith('0') ? '1' : '0'}${digest.slice(1)}`);
  if (!parsed.ok) throw new Error('not a digest');
  return parsed.value;
}

describe('setRoot', () => {
  it.each(cases.map((known) => [known.items.length, known] as const))(
    'of %i items is the known answer, in any order',
    (_size, { items, root }) => {
      expect(setRoot(items)).toBe(root);
      expect(setRoot([...items].reverse())).toBe(root);
    },
  );

  it('is the recursion of RFC 6962 for every size to 100', () => {
    for (let size = 1; size <= 100; size += 1) {
      const items = itemsOf(size);
      expect(setRoot(items), `size ${size}`).toBe(plainSetRoot(items));
    }
  });

  it('is a defect when one id occurs twice', () => {
    const [item] = itemsOf(1) as [SetItem];
    expect(() => setRoot([item, { ...item }])).toThrow(expect.objectContaining({ code: 'set_invalid' }));
  });

  it('sorts by code points, not by UTF-16 units', () => {
    const high = { id: '\u{1f600}', digest: digestOf('test', 1) };
    const low = { id: '\uff5e', digest: digestOf('test', 2) };
    expect([...[high, low]].sort((a, b) => compareCodePoints(a.id, b.id))[0]).toBe(low);
    expect(high.id < low.id).toBe(true);
    expect(buildSet([high, low]).items).toEqual([low, high]);
  });
});

describe('a set that changes', () => {
  it('has the root that building it anew gives, whatever is put or removed, for every size to 40', () => {
    for (let size = 1; size <= 40; size += 1) {
      const items = itemsOf(size);
      const set = buildSet(items);
      for (const item of items) {
        const others = items.filter(({ id }) => id !== item.id);
        const replacement = { id: item.id, digest: digestOf('test', 'new') };
        const neighbour = { id: `${item.id}x`, digest: digestOf('test', 'x') };
        expect(putInSet(set, replacement).root).toBe(plainSetRoot([...others, replacement]));
        expect(putInSet(set, neighbour).root).toBe(plainSetRoot([...items, neighbour]));
        expect(removeFromSet(set, item.id).root).toBe(setRoot(others));
        expect(set.root).toBe(plainSetRoot(items));
      }
    }
  });

  it('takes over every node but the log2(n) + 1 on the way to the root when one item is replaced', () => {
    const set = buildSet(itemsOf(10_000));
    const next = putInSet(set, { id: 's700', digest: digestOf('test', 'new') });
    expect(freshNodes(set, next)).toBe(15);
  });

  it('is the same set after a removal of what it does not hold', () => {
    const set = buildSet(itemsOf(3));
    expect(removeFromSet(set, 'absent')).toBe(set);
    expect(itemInSet(set, 'absent')).toBeUndefined();
    expect(itemInSet(set, 's7')?.digest).toBe(digestOf('test', 1));
  });
});

function freshNodes(before: MerkleSet, after: MerkleSet): number {
  const known = new Set(before.levels.flat());
  return after.levels.flat().filter((hash) => !known.has(hash)).length;
}

/** The verifier's word on a proof of the engine's. */
const shows = (root: Digest, item: SetItem, proof: InclusionProof) => rootOfInclusion(item, proof) === root;

describe('an inclusion proof', () => {
  it('verifies for every item of every size to 40, and fails when any part of it is changed', () => {
    let tampered = 0;
    for (let size = 1; size <= 40; size += 1) {
      const set = buildSet(itemsOf(size));
      for (const item of set.items) {
        const proof = proveInSet(set, item.id);
        if (proof === undefined) throw new Error(`${item.id} is not in its set`);
        expect(shows(set.root, item, proof)).toBe(true);
        const wrong = [
          shows(flipped(set.root), item, proof),
          shows(set.root, { ...item, id: `${item.id}x` }, proof),
          shows(set.root, { ...item, digest: flipped(item.digest) }, proof),
          shows(set.root, item, { ...proof, path: [...proof.path, set.root] }),
          ...proof.path.flatMap((hash, i) => [
            shows(set.root, item, { ...proof, path: proof.path.with(i, flipped(hash)) }),
            shows(set.root, item, { ...proof, path: proof.path.toSpliced(i, 1) }),
          ]),
        ];
        tampered += wrong.length;
        expect(wrong.every((verdict) => verdict === false)).toBe(true);
      }
    }
    expect(tampered).toBeGreaterThan(5_000);
  });

  it('is not there for an item that is not', () => {
    expect(proveInSet(buildSet(itemsOf(3)), 'absent')).toBeUndefined();
    expect(proveInSet(buildSet([]), 'absent')).toBeUndefined();
  });
});
