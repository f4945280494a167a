import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestFromBytes, sha256 } from '../../src/kernel/digest.js';
import type { Batch, Head, IndexRange, StoragePort } from '../../src/log/port.js';
import { seed } from '../support/seed.js';
import type { StorageDriver, StoragePlace } from '../support/storage-drivers.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (read: Uint8Array | undefined): string | undefined =>
  read === undefined ? undefined : new TextDecoder().decode(read);

/** A head of that size; another `history` has another root. */
const head = (size: number, history = ''): Head => ({
  size,
  root: digestFromBytes(sha256(bytes(`${size}${history}`))),
});

function batch(size: number, blobs: Record<string, string> = {}, index: Record<string, string> = {}): Batch {
  return {
    head: head(size),
    blobs: Object.entries(blobs).map(([key, value]) => ({ key, bytes: bytes(value) })),
    index: Object.entries(index).map(([key, value]) => ({ key, value })),
  };
}

/** What the port asks of every driver, as tests. */
export function describeStorage(driver: StorageDriver): void {
  describe(`${driver.name} storage`, () => {
    let place: StoragePlace;
    let store: StoragePort;
    beforeEach(async ({ skip }) => {
      if (driver.skip !== undefined) return skip(driver.skip);
      place = await driver.place();
      store = await place.open();
    });
    afterEach(() => place?.dispose());

    it('has no head, blobs or rows when it is new', async () => {
      expect(await store.readHead()).toBeUndefined();
      expect(await store.readBlob('a')).toBeUndefined();
      expect(await store.readIndex('a/b')).toBeUndefined();
      expect(await store.scanIndex({ folder: 'a/', limit: 10 })).toEqual([]);
    });

    it('reads what it committed, of the last batch and of those before it', async () => {
      expect(await store.commit(undefined, batch(1, { a: 'one' }, { 'f/1': 'x' }))).toBe('committed');
      expect(await store.commit(head(1), batch(2, { b: 'two' }, { 'f/1': 'y', 'f/2': 'z' }))).toBe(
        'committed',
      );
      expect(await store.readHead()).toEqual(head(2));
      expect([text(await store.readBlob('a')), text(await store.readBlob('b'))]).toEqual(['one', 'two']);
      expect(await store.readIndex('f/1')).toBe('y');
    });

    it('reads many blobs at once, in the order of the keys, absent and repeated ones too', async () => {
      const name = (n: number) => `run/${String(n).padStart(16, '0')}`;
      const named = (from: number, to: number) =>
        Object.fromEntries(
          Array.from({ length: to - from }, (_, i) => [name(from + i), `${from + i}`.repeat(i)]),
        );
      await store.commit(undefined, batch(1, { ...named(0, 5), odd: 'o' }));
      await store.commit(head(1), batch(2, { ...named(5, 300), [name(400)]: 'far', 'run/': 'none' }));
      const keys = [
        name(4),
        name(5),
        'odd',
        name(300),
        name(400),
        'run/',
        'nowhere',
        name(4),
        name(299),
        name(0),
      ];
      const all = Array.from({ length: 300 }, (_, i) => name(i));
      const expected = (n: number) => `${n}`.repeat(n < 5 ? n : n - 5);
      expect((await store.readBlobs(keys)).map(text)).toEqual([
        ...[
          expected(4),
          expected(5),
          'o',
          undefined,
          'far',
          'none',
          undefined,
          expected(4),
          expected(299),
          '',
        ],
      ]);
      expect((await store.readBlobs(all)).map(text)).toEqual(all.map((_, n) => expected(n)));
      expect(await store.readBlobs([])).toEqual([]);
      expect(text(await store.readBlob(name(17)))).toBe(expected(17));
    });

    it('commits blobs and rows beside the entries: the head stays, and the next batch goes on from it', async () => {
      await store.commit(undefined, batch(1, { a: 'one' }));
      expect(await store.commit(head(1), batch(1, { beside: 'b' }, { 'f/1': 'x' }))).toBe('committed');
      expect(await store.commit(head(1), batch(1, { again: 'c' }, { 'f/1': 'y' }))).toBe('committed');
      expect(await store.readHead()).toEqual(head(1));
      expect(text(await store.readBlob('beside'))).toBe('b');
      expect(await store.readIndex('f/1')).toBe('y');
      expect(await store.commit(head(1), batch(2, { b: 'two' }))).toBe('committed');
      expect(await store.readHead()).toEqual(head(2));
    });

    it.each([
      ['no head, when there is one', undefined],
      ['a head, when there is none of that size', head(2)],
      ['a head of that size with another root', head(1, 'other')],
    ])('answers conflict to %s, and has written nothing', async (_name, expected) => {
      await store.commit(undefined, batch(1, { a: 'one' }));
      const late = batch(3, { b: 'late' }, { 'f/1': 'late' });
      expect(await store.commit(expected, late)).toBe('conflict');
      expect(await store.readHead()).toEqual(head(1));
      expect(await store.readBlob('b')).toBeUndefined();
      expect(await store.readIndex('f/1')).toBeUndefined();
    });

    it('lets one of many racing commits through, and all of its batch', async () => {
      for (let size = 0; size < 20; size += 1) {
        const expected = size === 0 ? undefined : head(size);
        const racers = Array.from({ length: 8 }, (_, i) =>
          store.commit(expected, batch(size + 1, { [`${size}/${i}`]: 'b' }, { [`r${size}/${i}`]: 'r' })),
        );
        const results = await Promise.all(racers);
        expect(results.filter((result) => result === 'committed')).toHaveLength(1);
        const winner = results.indexOf('committed');
        const rows = await store.scanIndex({ folder: `r${size}/`, limit: 10 });
        expect(rows.map(({ key }) => key)).toEqual([`r${size}/${winner}`]);
        const present = await Promise.all(results.map((_, i) => store.readBlob(`${size}/${i}`)));
        expect(present.map((blob) => blob !== undefined)).toEqual(
          results.map((result) => result === 'committed'),
        );
      }
    });

    it('writes nothing of a batch that breaks a rule in its last part', async () => {
      await store.commit(undefined, batch(1, { a: 'one' }));
      const rewriting = batch(2, { b: 'two', a: 'other' }, { 'f/1': 'x' });
      const unnameable = batch(2, { b: 'two' }, { 'f/1': 'x', 'f/\u00e4': 'x' });
      for (const broken of [rewriting, unnameable, batch(2, { b: 'two', '': 'x' })]) {
        await expect(store.commit(head(1), broken)).rejects.toMatchObject({ code: 'invariant_broken' });
        expect(await store.readHead()).toEqual(head(1));
        expect(text(await store.readBlob('a'))).toBe('one');
        expect(await store.readBlob('b')).toBeUndefined();
        expect(await store.readIndex('f/1')).toBeUndefined();
      }
      expect(await store.commit(head(1), batch(2, { a: 'one', b: 'two' }))).toBe('committed');
    });

    it('keeps bytes as they are, none of them or many, and takes and gives copies', async () => {
      const big = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 256);
      const blobs = [
        { key: 'empty', bytes: new Uint8Array(0) },
        { key: 'zeros', bytes: new Uint8Array(9) },
        { key: 'big', bytes: big },
        { key: 'part', bytes: big.subarray(100, 200) },
      ];
      await store.commit(undefined, {
        head: head(1),
        blobs,
        index: [{ key: 'v/', value: 'ä\u0000𝄞'.repeat(50_000) }],
      });
      const given = blobs.map((blob) => ({ ...blob, bytes: blob.bytes.slice() }));
      big.fill(7);
      for (const blob of given) {
        const read = await store.readBlob(blob.key);
        expect(Buffer.compare(read ?? bytes('none'), blob.bytes), blob.key).toBe(0);
        read?.fill(1);
        expect(Buffer.compare((await store.readBlob(blob.key)) ?? bytes('none'), blob.bytes)).toBe(0);
      }
      expect(await store.readIndex('v/')).toBe('ä\u0000𝄞'.repeat(50_000));
    });

    it('takes every printable character in a key, and up to 1024 of them', async () => {
      const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
      const long = 'k'.repeat(1024);
      await store.commit(
        undefined,
        batch(1, { [printable]: 'p', [long]: 'l' }, { [`f/${printable.replace('/', '')}`]: 'r' }),
      );
      expect([text(await store.readBlob(printable)), text(await store.readBlob(long))]).toEqual(['p', 'l']);
      expect((await store.scanIndex({ folder: 'f/', limit: 9 })).map(({ value }) => value)).toEqual(['r']);
      await expect(store.commit(head(1), batch(2, { [`${long}k`]: 'x' }))).rejects.toMatchObject({
        code: 'invariant_broken',
      });
    });

    it('scans a folder apart from those beside and inside it', async () => {
      const rows = {
        'f/1': 'a',
        'f/2': 'b',
        'f/g/1': 'inside',
        'f0/1': 'beside',
        f: 'above',
        'e/9': 'before',
      };
      await store.commit(undefined, batch(1, {}, rows));
      const keys = async (folder: string) =>
        (await store.scanIndex({ folder, limit: 99 })).map(({ key }) => key);
      expect(await keys('f/')).toEqual(['f/1', 'f/2']);
      expect(await keys('f/g/')).toEqual(['f/g/1']);
      expect(await keys('')).toEqual(['f']);
    });

    it('scans in order between strict bounds, both ways, as a sorted list would', async () => {
      const name = fc.string({ unit: fc.constantFrom('a', 'b', '0', '~', ' '), minLength: 1, maxLength: 4 });
      const bound = fc.oneof(
        fc.constant(undefined),
        name.map((each) => `f/${each}`),
        fc.constantFrom('', 'e', 'f', 'f/', 'g', 'f/a/b'),
      );
      let size = 0;
      const names = new Set<string>();
      let scans = 0;
      await fc.assert(
        fc.asyncProperty(
          name,
          bound,
          bound,
          fc.boolean(),
          fc.integer({ min: 0, max: 6 }),
          async (added, after, before, reverse, limit) => {
            names.add(`f/${added}`);
            const expected = size === 0 ? undefined : head(size);
            size += 1;
            await store.commit(
              expected,
              batch(size, {}, { [`f/${added}`]: added, [`f/x/${added}`]: 'no', [`g/${added}`]: 'no' }),
            );
            const all = [...names].sort();
            const within = all.filter(
              (key) => (after === undefined || key > after) && (before === undefined || key < before),
            );
            if (reverse) within.reverse();
            const range: IndexRange = {
              folder: 'f/',
              limit,
              reverse,
              ...(after === undefined ? {} : { after }),
              ...(before === undefined ? {} : { before }),
            };
            expect((await store.scanIndex(range)).map(({ key }) => key)).toEqual(within.slice(0, limit));
            scans += 1;
          },
        ),
        { seed, numRuns: 150 },
      );
      expect(scans).toBeGreaterThanOrEqual(150);
    });

    it('refuses every call after it was closed, and can be closed twice', async () => {
      await store.commit(undefined, batch(1));
      await store.close();
      await store.close();
      const calls = [
        () => store.readHead(),
        () => store.commit(head(1), batch(2)),
        () => store.readBlob('a'),
        () => store.readBlobs(['a']),
        () => store.readIndex('a'),
        () => store.watch(() => undefined),
        () => store.scanIndex({ folder: 'f/', limit: 1 }),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'storage_failed', retryable: false });
      }
    });

    it('has everything again when it is opened again', async ({ skip }) => {
      if (!driver.reopens.yes) return skip(driver.reopens.skip);
      await store.commit(undefined, batch(1, { a: 'one' }, { 'f/1': 'x' }));
      for (let size = 1; size < 40; size += 1) {
        store = await place.open();
        expect(await store.readHead()).toEqual(head(size));
        expect(
          await store.commit(head(size), batch(size + 1, { [`b${size}`]: 'b' }, { [`f/${size}0`]: 'y' })),
        ).toBe('committed');
      }
      store = await place.open();
      expect(text(await store.readBlob('a'))).toBe('one');
      expect(await store.scanIndex({ folder: 'f/', limit: 99 })).toHaveLength(40);
    });
  });
}
