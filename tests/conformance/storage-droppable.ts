import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestFromBytes, sha256 } from '../../src/kernel/digest.js';
import type { Batch, Head, StoragePort } from '../../src/log/port.js';
import type { StorageDriver, StoragePlace } from '../support/storage-drivers.js';

const head = (size: number): Head => ({ size, root: digestFromBytes(sha256(Buffer.from(`${size}`))) });

function batch(
  size: number,
  blobs: Record<string, string> = {},
  index: Record<string, string> = {},
  more: Pick<Batch, 'drop' | 'onlyIf'> = {},
): Batch {
  return {
    head: head(size),
    blobs: Object.entries(blobs).map(([key, value]) => ({ key, bytes: Buffer.from(value) })),
    index: Object.entries(index).map(([key, value]) => ({ key, value })),
    ...more,
  };
}

const drop = (blobs: readonly string[], rows: readonly string[] = []) => ({ drop: { blobs, rows } });

/** What the port asks of every driver about what may be dropped, as tests. */
export function describeDroppable(driver: StorageDriver): void {
  describe(`${driver.name} storage, below snapshot/`, () => {
    let place: StoragePlace;
    let store: StoragePort;
    beforeEach(async ({ skip }) => {
      if (driver.skip !== undefined) return skip(driver.skip);
      place = await driver.place();
      store = await place.open();
      await store.commit(
        undefined,
        batch(1, { a: 'one', 'snapshot/p': 'part' }, { 'f/1': 'x', 'snapshot/1': 'n' }),
      );
    });
    afterEach(() => place?.dispose());

    const blob = async (key: string) => {
      const read = await store.readBlob(key);
      return read === undefined ? undefined : Buffer.from(read).toString();
    };
    const rows = async (folder: string) =>
      (await store.scanIndex({ folder, limit: 99 })).map(({ key }) => key);

    it('reads what is there as it reads everything else', async () => {
      const row = { 'snapshot/2': 'm', 'snapshot/x/1': 'inside' };
      expect(await store.commit(head(1), batch(1, { 'snapshot/q': '', snapshots: 's' }, row))).toBe(
        'committed',
      );
      const read = await store.readBlobs([
        'snapshot/p',
        'a',
        'snapshot/none',
        'snapshot/q',
        'snapshot/p',
        'snapshots',
      ]);
      expect(read.map((bytes) => bytes && Buffer.from(bytes).toString())).toEqual([
        'part',
        'one',
        undefined,
        '',
        'part',
        's',
      ]);
      read[0]?.fill(0);
      expect(await blob('snapshot/p')).toBe('part');
      expect(await store.readIndex('snapshot/2')).toBe('m');
      expect(await rows('snapshot/')).toEqual(['snapshot/1', 'snapshot/2']);
      const before = { folder: 'snapshot/', before: 'snapshot/2', limit: 9 };
      expect(await store.scanIndex(before)).toEqual([{ key: 'snapshot/1', value: 'n' }]);
      const last = { folder: 'snapshot/', reverse: true, limit: 1 };
      expect(await store.scanIndex(last)).toEqual([{ key: 'snapshot/2', value: 'm' }]);
    });

    it('takes a blob again with the same bytes and not with others', async () => {
      expect(await store.commit(head(1), batch(1, { 'snapshot/p': 'part' }))).toBe('committed');
      const other = batch(2, { b: 'two', 'snapshot/p': 'other' }, { 'snapshot/1': 'other' });
      await expect(store.commit(head(1), other)).rejects.toMatchObject({ code: 'invariant_broken' });
      expect([await blob('b'), await blob('snapshot/p'), await store.readIndex('snapshot/1')]).toEqual([
        undefined,
        'part',
        'n',
      ]);
    });

    it('drops blobs and rows in the commit that writes others, and they can be written again', async () => {
      const dropping = drop(['snapshot/p', 'snapshot/none'], ['snapshot/1', 'snapshot/none/1']);
      expect(await store.commit(head(1), batch(2, { b: 'two' }, { 'snapshot/2': 'm' }, dropping))).toBe(
        'committed',
      );
      expect([await blob('snapshot/p'), await store.readIndex('snapshot/1')]).toEqual([undefined, undefined]);
      expect([await blob('a'), await blob('b'), await store.readIndex('f/1')]).toEqual(['one', 'two', 'x']);
      expect([await rows('snapshot/'), await rows('f/')]).toEqual([['snapshot/2'], ['f/1']]);
      expect(await store.readHead()).toEqual(head(2));
      expect(await store.commit(head(2), batch(2, { 'snapshot/p': 'other' }, { 'snapshot/1': 'o' }))).toBe(
        'committed',
      );
      expect([await blob('snapshot/p'), await store.readIndex('snapshot/1')]).toEqual(['other', 'o']);
      expect(await rows('snapshot/')).toEqual(['snapshot/1', 'snapshot/2']);
    });

    it('drops each of many whose names count on', async () => {
      const name = (n: number) => `snapshot/${String(n).padStart(16, '0')}`;
      const all = Array.from({ length: 20 }, (_, n) => name(n));
      await store.commit(head(1), batch(1, Object.fromEntries(all.map((key) => [key, key]))));
      const odd = all.filter((_, n) => n % 2 === 1);
      expect(await store.commit(head(1), batch(1, {}, {}, drop(odd)))).toBe('committed');
      const left = (await store.readBlobs(all)).map((bytes) => bytes !== undefined);
      expect(left).toEqual(all.map((_, n) => n % 2 === 0));
    });

    it.each([
      ['a blob', 'a', 'blobs'],
      ['a blob that is not there', 'entry/0000000000000000', 'blobs'],
      ['a row', 'f/1', 'rows'],
      ['what is named like the folder', 'snapshot', 'blobs'],
      ['what begins like the folder', 'snapshots/p', 'blobs'],
      ['a row that begins like the folder', 'snapshots', 'rows'],
      ['a name that nothing has', '', 'blobs'],
      ['a blob that it writes', 'snapshot/new', 'blobs'],
      ['a row that it writes', 'snapshot/new', 'rows'],
    ] as const)('refuses to drop %s, and does nothing of that batch', async (_name, key, kind) => {
      const dropping = kind === 'blobs' ? drop(['snapshot/p', key]) : drop(['snapshot/p'], [key]);
      const broken = batch(2, { b: 'two', 'snapshot/new': 'n' }, { 'snapshot/new': 'n' }, dropping);
      await expect(store.commit(head(1), broken)).rejects.toMatchObject({ code: 'invariant_broken' });
      expect(await store.readHead()).toEqual(head(1));
      const read = [await blob('a'), await blob('b'), await blob('snapshot/p'), await blob('snapshot/new')];
      expect(read).toEqual(['one', undefined, 'part', undefined]);
      expect([await rows('f/'), await rows('snapshot/')]).toEqual([['f/1'], ['snapshot/1']]);
      expect(await store.commit(head(1), batch(2, { b: 'two' }))).toBe('committed');
    });

    it.each([
      ['the head is another', head(2), {}],
      ['there is a row that there must not be', head(1), { onlyIf: { key: 'f/1', value: undefined } }],
      ['a row is another', head(1), { onlyIf: { key: 'f/1', value: 'y' } }],
      ['a row is not there', head(1), { onlyIf: { key: 'f/2', value: 'x' } }],
      ['a droppable row is not there', head(1), { onlyIf: { key: 'snapshot/2', value: 'n' } }],
      ['there is a droppable row', head(1), { onlyIf: { key: 'snapshot/1', value: undefined } }],
    ])('answers conflict and does nothing when %s', async (_name, expected, condition) => {
      const more = { ...drop(['snapshot/p'], ['snapshot/1']), ...condition };
      const late = batch(
        3,
        { b: 'late', 'snapshot/q': 'late' },
        { 'f/1': 'late', 'snapshot/2': 'late' },
        more,
      );
      expect(await store.commit(expected, late)).toBe('conflict');
      expect(await store.readHead()).toEqual(head(1));
      expect([await blob('b'), await blob('snapshot/p'), await blob('snapshot/q')]).toEqual([
        undefined,
        'part',
        undefined,
      ]);
      expect([await store.readIndex('f/1'), await rows('snapshot/')]).toEqual(['x', ['snapshot/1']]);
    });

    it('commits when the row is as expected, or not there as expected', async () => {
      const commits: readonly Batch[] = [
        batch(1, {}, { 'f/2': '1' }, { onlyIf: { key: 'f/2', value: undefined } }),
        batch(1, {}, { 'f/2': '2' }, { onlyIf: { key: 'f/2', value: '1' } }),
        batch(2, { b: 'two' }, {}, { onlyIf: { key: 'snapshot/1', value: 'n' } }),
      ];
      for (const each of commits) expect(await store.commit(head(1), each)).toBe('committed');
      expect([await store.readIndex('f/2'), await blob('b')]).toEqual(['2', 'two']);
    });

    it('lets one of many through that expect one row and change it, although the head stays', async () => {
      for (let round = 0; round < 12; round += 1) {
        const value = round === 0 ? undefined : `${round - 1}`;
        const racers = Array.from({ length: 6 }, (_, i) => {
          const more = { ...drop([`snapshot/${round - 1}`]), onlyIf: { key: 'turn', value } };
          return store.commit(
            head(1),
            batch(1, { [`snapshot/${round}/${i}`]: 'p' }, { turn: `${round}` }, more),
          );
        });
        // One that depends on nothing stands in nobody's way.
        const beside = store.commit(head(1), batch(1, { [`snapshot/beside${round}`]: 'b' }));
        const results = await Promise.all(racers);
        expect(results.filter((result) => result === 'committed')).toHaveLength(1);
        expect(await beside).toBe('committed');
        const there = await store.readBlobs(results.map((_, i) => `snapshot/${round}/${i}`));
        expect(there.map((bytes) => bytes !== undefined)).toEqual(
          results.map((result) => result === 'committed'),
        );
      }
    });

    it('lists the blobs there, in order and by pages, and no others', async () => {
      const names = ['snapshot/~', 'snapshot/0', 'snapshot/p/q', 'snapshot/1'];
      const others = ['snapshots', 'snapshot', 'snapshot0', 'z', 'snapshot!'];
      await store.commit(
        head(1),
        batch(1, Object.fromEntries([...names, ...others].map((key) => [key, 'b']))),
      );
      const all = [...names, 'snapshot/p'].sort();
      expect(await store.scanDroppable('', 99)).toEqual(all);
      expect(await store.scanDroppable('snapshot/', 2)).toEqual(all.slice(0, 2));
      expect(await store.scanDroppable(all[1] as string, 2)).toEqual(all.slice(2, 4));
      expect(await store.scanDroppable('snapshot/~', 9)).toEqual([]);
      expect(await store.scanDroppable('z', 9)).toEqual([]);
      expect(await store.scanDroppable('', 0)).toEqual([]);
      await store.commit(head(1), batch(1, {}, {}, drop(all.slice(1))));
      expect(await store.scanDroppable('', 99)).toEqual(all.slice(0, 1));
    });

    it('has nothing of it again when it is opened again', async ({ skip }) => {
      if (!driver.reopens.yes) return skip(driver.reopens.skip);
      await store.commit(head(1), batch(1, { 'snapshot/q': 'q' }, {}, drop(['snapshot/p'], ['snapshot/1'])));
      store = await place.open();
      expect([await blob('snapshot/p'), await blob('snapshot/q'), await blob('a')]).toEqual([
        undefined,
        'q',
        'one',
      ]);
      expect(await rows('snapshot/')).toEqual([]);
      await store.close();
      await expect(store.scanDroppable('', 1)).rejects.toMatchObject({
        code: 'storage_failed',
        retryable: false,
      });
    });
  });
}
