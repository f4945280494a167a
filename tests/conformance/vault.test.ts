import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VaultStore } from '../../src/server/openings/vault-port.js';
import { wrappedKeyBytes } from '../../src/server/openings/vault-port.js';
import { filesWith } from '../support/folder-bytes.js';
import { type VaultPlace, vaultDrivers } from '../support/vault-drivers.js';

const row = (name: string, text = name) => ({ name, bytes: Buffer.from(text) });
const key = (name: string) => ({ name, bytes: randomBytes(wrappedKeyBytes) });
const names = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name);

describe.each(vaultDrivers)('a vault store: $name', (driver) => {
  let place: VaultPlace;
  let store: VaultStore;

  beforeEach(async ({ skip }) => {
    if (driver.missing !== undefined) skip(driver.missing);
    place = await driver.place();
    store = await place.open();
  });
  afterEach(() => place?.dispose());

  test('gives rows and keys back, also after it was opened again', async () => {
    const kept = key('k1');
    await store.commit({ puts: [row('a/1', 'one')], keys: [kept] });
    store = await place.open();
    expect(Buffer.from((await store.read('a/1')) ?? []).toString()).toBe('one');
    expect(Buffer.from((await store.readKey('k1')) ?? [])).toEqual(kept.bytes);
    expect(await store.read('a/2')).toBeUndefined();
    expect(await store.readKey('k2')).toBeUndefined();
  });

  test('scans a prefix in order, behind a name, up to a limit', async () => {
    await store.commit({ puts: ['b/1', 'a/2', 'a/10', 'a/1', 'a'].map((name) => row(name)) });
    expect(names(await store.scan({ prefix: 'a/', limit: 9 }))).toEqual(['a/1', 'a/10', 'a/2']);
    expect(names(await store.scan({ prefix: 'a/', after: 'a/1', limit: 1 }))).toEqual(['a/10']);
    expect(names(await store.scan({ prefix: '', limit: 9 }))).toEqual(['a', 'a/1', 'a/10', 'a/2', 'b/1']);
    expect(await store.scan({ prefix: 'c', limit: 9 })).toEqual([]);
    expect(await store.scan({ prefix: 'a', limit: 0 })).toEqual([]);
  });

  test('deletes before it puts, in one commit', async () => {
    await store.commit({ puts: [row('a'), row('b')] });
    await store.commit({ deletes: ['a', 'b', 'nothing'], puts: [row('b', 'again')] });
    expect(await store.read('a')).toBeUndefined();
    expect(Buffer.from((await store.read('b')) ?? []).toString()).toBe('again');
  });

  test('a destroyed key is gone, and its place is taken by another', async () => {
    const [first, second, third] = [key('s/1'), key('s/2'), key('t/1')];
    await store.commit({ keys: [first, second] });
    await store.commit({ destroyed: ['s/1', 'nothing'] });
    expect(await store.readKey('s/1')).toBeUndefined();
    await store.commit({ keys: [third] });
    expect(Buffer.from((await store.readKey('s/2')) ?? [])).toEqual(second.bytes);
    expect(Buffer.from((await store.readKey('t/1')) ?? [])).toEqual(third.bytes);
    expect(await store.scanKeys({ prefix: 's/', limit: 9 })).toEqual(['s/2']);
  });

  test('a key that comes twice in a commit, or again, is one key', async () => {
    const same = key('s/1');
    await store.commit({ keys: [same, same] });
    await store.commit({ keys: [same] });
    expect(Buffer.from((await store.readKey('s/1')) ?? [])).toEqual(same.bytes);
    await store.commit({ destroyed: ['s/1'] });
    expect(await store.readKey('s/1')).toBeUndefined();
    if (place.folder !== undefined) expect(filesWith(place.folder, same.bytes)).toEqual([]);
  });

  test('destroyed and replaced keys are in none of its files', async () => {
    const [gone, replaced, kept] = [key('s/1'), key('s/2'), key('s/2')];
    await store.commit({ keys: [gone, replaced] });
    const { folder } = place;
    // The search finds what is there: without that it would show nothing.
    if (folder !== undefined) expect(filesWith(folder, gone.bytes)).toHaveLength(1);
    await store.commit({ keys: [kept], destroyed: ['s/1'] });
    expect(Buffer.from((await store.readKey('s/2')) ?? [])).toEqual(kept.bytes);
    if (folder === undefined) return;
    for (const { bytes } of [gone, replaced]) expect(filesWith(folder, bytes)).toEqual([]);
    expect(filesWith(folder, kept.bytes)).toHaveLength(1);
  });
});
