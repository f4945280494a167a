import { expect, it } from 'vitest';
import { digestFromBytes, sha256 } from '../../src/kernel/digest.js';
import type { Batch, Head, StoragePort } from '../../src/log/port.js';

const bytes = (text: string) => new TextEncoder().encode(text);
/** A head of that size; another `history` gives another root. */
const head = (size: number, history = ''): Head => ({
  size,
  root: digestFromBytes(sha256(bytes(`${size}${history}`))),
});
const batch = (size: number, keys: readonly string[]): Batch => ({
  head: head(size),
  blobs: keys.map((key) => ({ key: `entry/${key}`, bytes: bytes(key) })),
  index: keys.map((key) => ({ key: `folder/${key}`, value: `value of ${key}` })),
});

/** What every driver of the storage port has to keep, whatever it stores on. `open` gives an empty store. */
export function storagePortConformance(open: () => Promise<StoragePort>): void {
  it('is empty at first', async () => {
    const store = await open();
    expect(await store.readHead()).toBeUndefined();
    expect(await store.readBlob('entry/a')).toBeUndefined();
    expect(await store.readIndex('folder/a')).toBeUndefined();
    expect(await store.scanIndex({ folder: 'folder/', limit: 10 })).toEqual([]);
    await store.close();
  });

  it('commits head, blobs and index together, and reads them back', async () => {
    const store = await open();
    expect(await store.commit(undefined, batch(2, ['a', 'b']))).toBe('committed');
    expect(await store.readHead()).toEqual(head(2));
    expect(Buffer.from((await store.readBlob('entry/b')) ?? []).toString()).toBe('b');
    expect(await store.readIndex('folder/a')).toBe('value of a');
    await store.close();
  });

  it('answers conflict to a wrong expectation, and has written nothing', async () => {
    const store = await open();
    await store.commit(undefined, batch(1, ['a']));
    for (const expected of [undefined, head(0), head(2), head(1, 'another')]) {
      expect(await store.commit(expected, batch(9, ['z']))).toBe('conflict');
    }
    expect(await store.readHead()).toEqual(head(1));
    expect(await store.readBlob('entry/z')).toBeUndefined();
    expect(await store.readIndex('folder/z')).toBeUndefined();
    expect(await store.scanIndex({ folder: 'folder/', limit: 10 })).toHaveLength(1);
    await store.close();
  });

  it('lets one of many writers with one expectation through', async () => {
    const store = await open();
    await store.commit(undefined, batch(1, ['a']));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.commit(head(1), batch(2, [`w${i}`]))),
    );
    expect(results.filter((result) => result === 'committed')).toHaveLength(1);
    const winner = results.indexOf('committed');
    const rows = await store.scanIndex({ folder: 'folder/', limit: 100 });
    expect(rows.map((row) => row.key)).toEqual(['folder/a', `folder/w${winner}`]);
    await store.close();
  });

  it('scans one folder by byte order, bounded and limited, both ways', async () => {
    const store = await open();
    await store.commit(undefined, batch(5, ['c', 'a', 'e', 'b', 'd']));
    await store.commit(head(5), {
      head: head(6),
      blobs: [],
      index: [
        { key: 'folder/sub/x', value: '' },
        { key: 'folders/y', value: '' },
      ],
    });
    const scan = async (range: object) =>
      (await store.scanIndex({ folder: 'folder/', limit: 10, ...range }))
        .map(({ key }) => key.slice(7))
        .join('');
    expect(await scan({})).toBe('abcde');
    expect(await scan({ limit: 2 })).toBe('ab');
    expect(await scan({ after: 'folder/b' })).toBe('cde');
    expect(await scan({ before: 'folder/d' })).toBe('abc');
    expect(await scan({ after: 'folder/a', before: 'folder/e', limit: 2 })).toBe('bc');
    expect(await scan({ reverse: true, limit: 2 })).toBe('ed');
    expect(await scan({ reverse: true, before: 'folder/d', limit: 2 })).toBe('cb');
    expect(await scan({ after: 'folder/d', before: 'folder/b' })).toBe('');
    await store.close();
  });

  it('keeps its own copy of what it was given and gives out', async () => {
    const store = await open();
    const given = bytes('given');
    await store.commit(undefined, { head: head(1), blobs: [{ key: 'k', bytes: given }], index: [] });
    given.fill(0);
    const read = (await store.readBlob('k')) ?? new Uint8Array();
    expect(Buffer.from(read).toString()).toBe('given');
    read.fill(0);
    expect(Buffer.from((await store.readBlob('k')) ?? []).toString()).toBe('given');
    await store.close();
  });
}
