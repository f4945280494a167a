import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lmdbRepair, lmdbStorage } from '../../../src/log/drivers/lmdb.js';
import { lmdbReading } from '../../../src/log/drivers/lmdb-reading.js';
import { dropOldSnapshots } from '../../../src/log/drop-snapshots.js';
import { checkStore } from '../../../src/log/fsck/check-store.js';
import type { Head, StoragePort } from '../../../src/log/port.js';
import { readEdition, snapshotRowKey } from '../../../src/log/snapshot-keys.js';
import type { StoreReading } from '../../../src/log/store-reading.js';
import { writeSnapshot } from '../../../src/log/write-snapshot.js';
import { faultyStorage } from '../../support/faulty-storage.js';
import { signer } from './entries.js';
import { grown, keptIn, logKey, nextTurn, shelved } from './kept-snapshots.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caio-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function within<T>(use: (storage: StoragePort) => Promise<T>): Promise<T> {
  const storage = await lmdbStorage(folder);
  return use(storage).finally(() => storage.close());
}

async function check(as: (store: StoreReading) => StoreReading = (store) => store) {
  const store = await lmdbReading(folder);
  return checkStore(as(store), () => {}).finally(() => store.close());
}

/** A log with snapshots at 10 and 20, of which the second was killed before it was named. */
async function killed(storage: StoragePort): Promise<void> {
  const [first, second] = await grown(storage, [10, 20]);
  if (first === undefined || second === undefined) throw new Error('two states');
  await writeSnapshot(storage, shelved(first, 'a'), signer, nextTurn);
  const faulty = faultyStorage(storage);
  let parts = 0;
  const kill = async () => {
    parts += 1;
    if (parts === 3) faulty.plant(0, 'did not persist', 99);
  };
  await expect(writeSnapshot(faulty, shelved(second, 'c'), signer, kill)).rejects.toThrow(/planted/);
}

describe('parts of state snapshots that no row names', () => {
  it('are counted, are nothing wrong, and go with the next snapshot', async () => {
    await within(killed);
    const { findings, unused } = await check();
    expect([findings, unused]).toEqual([[], { blobs: 2, bytes: expect.any(Number) }]);
    expect(unused?.bytes).toBeGreaterThan(5_000);
    await within((storage) => dropOldSnapshots(storage, logKey, nextTurn));
    expect(await check()).toMatchObject({ findings: [], unused: { blobs: 0, bytes: 0 }, rewrites: [] });
  });

  it('go with a repair, which takes nothing else away', async () => {
    await within(killed);
    const { head, edition, rewrites } = await check();
    expect(rewrites).toHaveLength(3);
    const store = await lmdbRepair(folder);
    for (const key of ['entry/0000000000000000', 'hash/0/0000000000000000', 'snapshots']) {
      await expect(store.rewrite(head, [...rewrites, { kind: 'blob', key }])).rejects.toThrow(/other bytes/);
    }
    const other = { key: 'snapshots', value: `${edition}0` };
    expect(await store.rewrite(head, rewrites, other)).toBe('conflict');
    expect(await store.rewrite(head, rewrites, { key: 'snapshots', value: edition })).toBe('written');
    await store.close();
    expect(await check()).toMatchObject({ findings: [], unused: { blobs: 0 }, rewrites: [] });
    expect(await within(keptIn)).toMatchObject({ sizes: [10], unnamed: [], faults: [] });
  });

  it('go with the repair of the row that named them', async () => {
    await within(async (storage) => {
      const [state] = await grown(storage, [10]);
      if (state === undefined) throw new Error('a state');
      await writeSnapshot(storage, shelved(state, 'a'), signer, nextTurn);
      const head = (await storage.readHead()) as Head;
      const row = { key: snapshotRowKey(10), value: 'no note' };
      await storage.commit(head, { head, blobs: [], index: [row] });
    });
    const { head, findings, rewrites } = await check();
    expect(findings.map(({ code }) => code)).toEqual(['snapshot_wrong']);
    const store = await lmdbRepair(folder);
    await store.rewrite(head, rewrites);
    await store.close();
    expect(await check()).toMatchObject({ findings: [], unused: { blobs: 0 } });
    expect(await within(keptIn)).toMatchObject({ sizes: [], blobs: [] });
  });

  it('are left alone beside a writer, which may be about to name them or drops what is being checked', async () => {
    await within(async (storage) => {
      await killed(storage);
      const [state] = await grown(storage, [20]);
      if (state === undefined) throw new Error('a state');
      await writeSnapshot(storage, shelved(state, 'a'), signer, nextTurn);
    });
    const beside = await check((store) => ({
      ...store,
      still: false,
      // The row at 10 is listed, and dropped before its parts are read.
      readIndex: async (key) => (key === snapshotRowKey(10) ? undefined : store.readIndex(key)),
      readBlobs: async (keys) =>
        keys.some((key) => key.startsWith('snapshot/')) ? keys.map(() => undefined) : store.readBlobs(keys),
    }));
    expect(beside.findings.map(({ subject }) => subject)).toEqual([snapshotRowKey(20)]);
    expect([beside.unused, beside.rewrites.filter(({ kind }) => kind === 'blob')]).toEqual([undefined, []]);
  });

  it('is told of an edition that is no number', async () => {
    await within(async (storage) => {
      await killed(storage);
      expect(await readEdition(storage)).toBe('1');
      const head = (await storage.readHead()) as Head;
      await storage.commit(head, { head, blobs: [], index: [{ key: 'snapshots', value: 'x' }] });
    });
    expect((await check()).findings).toMatchObject([{ code: 'row_unknown', subject: 'snapshots' }]);
  });
});
