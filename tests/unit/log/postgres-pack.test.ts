import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsOf, membersOf, numbered, packsOf, rangesOf } from '../../../src/log/drivers/postgres-pack.js';
import { seed } from '../../support/seed.js';

const key = (name: string, number: number): string => `${name}${String(number).padStart(16, '0')}`;
const anyKey = fc.oneof(
  fc
    .tuple(fc.constantFrom('entry/', 'hash/0/', ''), fc.integer({ min: 0, max: 12 }))
    .map(([name, n]) => key(name, n)),
  fc.constantFrom('entry/', 'odd', '9'.repeat(16), `x${'9'.repeat(20)}`),
);

describe('blobs as rows', () => {
  it('of keys that count on are one row', () => {
    const blobs = [7, 5, 6, 9].map((n) => ({ key: key('entry/', n), bytes: Buffer.from(`${n}`) }));
    const rows = packsOf([...blobs, { key: 'odd', bytes: Buffer.from('o') }]);
    expect(rows.map(({ name, first, members }) => [name, first, Buffer.concat(members).toString()])).toEqual([
      ['entry/', 5, '567'],
      ['entry/', 9, '9'],
      ['odd', -1, 'o'],
    ]);
  });

  it('hold each blob once, where its key says, and can be taken apart at any place', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyKey, { minLength: 1, maxLength: 30 }), fc.nat(5), (keys, cut) => {
        const blobs = keys.map((each, i) => ({ key: each, bytes: Buffer.from(each.repeat(i % 3)) }));
        const found = new Map<string, string>();
        for (const { name, first, members } of packsOf(blobs)) {
          const [ends, bytes] = [endsOf(members), Buffer.concat(members)];
          const skipped = Math.min(cut, members.length);
          const start = skipped === 0 ? 0 : ends.readUInt32BE(4 * (skipped - 1));
          const parts = [
            ...membersOf(ends.subarray(0, 4 * skipped), bytes.subarray(0, start), 0),
            ...membersOf(ends.subarray(4 * skipped), bytes.subarray(start), start),
          ];
          for (const [i, part] of parts.entries())
            found.set(`${first + i} ${name}`, Buffer.from(part).toString());
        }
        expect(found.size).toBe(blobs.length);
        for (const { key: each, bytes } of blobs) {
          const { name, number } = numbered(each);
          expect(found.get(`${number} ${name}`)).toBe(bytes.toString());
        }
        const covered = rangesOf([...keys, ...keys]).reduce((sum, { low, high }) => sum + high - low, 0);
        expect(covered).toBe(keys.length);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('are not made of one key with two contents', () => {
    const twice = (a: string, b: string) => () =>
      packsOf([a, b].map((text) => ({ key: 'k', bytes: Buffer.from(text) })));
    expect(twice('a', 'b')).toThrow(/other bytes/);
    expect(twice('a', 'a')()).toHaveLength(1);
  });
});
