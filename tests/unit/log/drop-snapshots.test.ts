import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { ok } from '../../../src/kernel/result.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { dropOldSnapshots } from '../../../src/log/drop-snapshots.js';
import { openLog } from '../../../src/log/open-log.js';
import type { StoragePort } from '../../../src/log/port.js';
import { manifestDigest } from '../../../src/log/snapshot-codec.js';
import { editionRow, snapshotBlobKey, snapshotRowKey } from '../../../src/log/snapshot-keys.js';
import { signSnapshot } from '../../../src/log/snapshot-note.js';
import { blobsNamedBy, readSnapshot } from '../../../src/log/state-snapshot.js';
import { type Keepable, writeSnapshot } from '../../../src/log/write-snapshot.js';
import { type FaultMode, faultyStorage } from '../../support/faulty-storage.js';
import { storageDrivers } from '../../support/storage-drivers.js';
import { storageWith } from '../../support/storage-with.js';
import { contractPut, decision, genesis, signer } from './entries.js';
import { grown, keptIn, logKey, nextTurn, shelved } from './kept-snapshots.js';

const write = (storage: StoragePort, keepable: Keepable) =>
  writeSnapshot(storage, keepable, signer, nextTurn);
const drop = (storage: StoragePort) => dropOldSnapshots(storage, logKey, nextTurn);

/** Policies of the states below: the one at 50 has those of the one at 10. */
const shelves = ['a', 'b', 'c', 'd', 'a', 'e', 'f'] as const;
const sizes = shelves.map((_, at) => 10 * (at + 1));

async function statesIn(storage: StoragePort): Promise<readonly Keepable[]> {
  const found = await grown(storage, sizes);
  return found.map((keepable, at) => shelved(keepable, shelves[at] as string));
}

async function writeAll(storage: StoragePort, states: readonly Keepable[]): Promise<void> {
  for (const state of states) await write(storage, state);
}

/** What a start would go on from, and what it warns of. */
async function start(storage: StoragePort) {
  const warnings: string[] = [];
  const head = await storage.readHead();
  if (head === undefined) throw new Error('no head');
  const resumed = await readSnapshot(storage, head, logKey, (message) => warnings.push(message));
  return { size: resumed?.statement.size, warnings };
}

async function entriesOf(storage: StoragePort): Promise<string> {
  const keys = Array.from({ length: 70 }, (_, n) => `entry/${String(n).padStart(16, '0')}`);
  return (await storage.readBlobs(keys)).map((bytes) => Buffer.from(bytes ?? []).toString()).join('\n');
}

describe.each(storageDrivers)('in $name, over a long life', (driver) => {
  // A commit by a database takes a hundred times as long as one in memory.
  const times = driver.name === 'postgres' ? 10 : 30;
  /** A log that keeps a snapshot every 7 entries, so many times; gives the most that was there at once. */
  async function live(storage: StoragePort) {
    const warnings: string[] = [];
    const snapshots = { every: 7, pause: nextTurn, warn: (message: string) => warnings.push(message) };
    const opened = await openLog({ storage, buildSnapshot: () => ok(undefined), signer, snapshots }, genesis);
    if (!opened.ok) throw new Error('not opened');
    const log = opened.value;
    const put = (n: number) => contractPut(`s${n % 5}${'x'.repeat(100)}`, `1.0.${n}`);
    await log.appendState(() => ok(Array.from({ length: 40 }, (_, n) => contractPut(`base${n}`))));
    let [rows, written] = [0, ''];
    let latest = '';
    for (let kept = 0; kept < times; ) {
      const n = log.size;
      if (n % 3 === 0) await log.appendState(() => ok([put(n)]));
      else await log.appendDecision(decision(`d${n}`, log.view.folded.state.as_of));
      await nextTurn();
      const there = await storage.scanIndex({ folder: 'snapshot/', limit: 99 });
      rows = Math.max(rows, there.length);
      written = there.at(-1)?.key ?? '';
      if (written !== latest) kept += 1;
      latest = written;
    }
    return { log, rows, warnings };
  }

  it('keeps the latest four, and no part that none of them names', async ({ skip }) => {
    if (driver.skip !== undefined) return skip(driver.skip);
    const place = await driver.place();
    try {
      const storage = await place.open();
      // Closing waits for what is under way, and the store is looked at after that.
      const { log, rows, warnings } = await live(storageWith(storage, { close: async () => {} }));
      await log.close();
      const { sizes: kept, unnamed, faults, blobs } = await keptIn(storage);
      expect(rows).toBeLessThanOrEqual(5);
      expect(kept).toHaveLength(4);
      expect([unnamed, faults, warnings]).toEqual([[], [], []]);
      expect(blobs.length).toBeGreaterThan(4);
    } finally {
      await place.dispose();
    }
  }, 60_000);

  it('would keep all of them in a store that drops nothing', async ({ skip }) => {
    if (driver.name !== 'memory') return skip('shown for one store');
    const storage = memoryStorage();
    const commit: StoragePort['commit'] = (expected, { drop: _, ...batch }) =>
      storage.commit(expected, batch);
    const { rows } = await live(storageWith(storage, { commit }));
    expect(rows).toBeGreaterThanOrEqual(29);
    expect((await keptIn(storage)).sizes.length).toBeGreaterThanOrEqual(29);
  });
});

describe('dropping old snapshots', () => {
  it('leaves the latest four as they are, and what they share with those that go', async () => {
    const storage = memoryStorage();
    await writeAll(storage, await statesIn(storage));
    const entries = await entriesOf(storage);
    expect((await keptIn(storage)).sizes).toEqual(sizes);
    await drop(storage);
    expect(await keptIn(storage)).toMatchObject({ sizes: [40, 50, 60, 70], unnamed: [], faults: [] });
    expect(await entriesOf(storage)).toBe(entries);
    expect(await start(storage)).toEqual({ size: 70, warnings: [] });
    const edition = await storage.readIndex(editionRow);
    await drop(storage);
    expect(await storage.readIndex(editionRow)).toBe(edition);
  });

  it('drops what a store has piled up that never dropped any, and what no row names, a page a commit', async () => {
    const storage = memoryStorage();
    const states = await statesIn(storage);
    await writeAll(storage, states);
    const head = await storage.readHead();
    if (head === undefined) throw new Error('no head');
    const orphans = Array.from({ length: 2500 }, (_, n) => ({
      key: `snapshot/${n}`,
      bytes: new Uint8Array(1),
    }));
    const old = Array.from({ length: 1200 }, (_, n) => ({
      key: `snapshot/${'0'.repeat(15)}${n}x`,
      value: 'old',
    }));
    await storage.commit(head, { head, blobs: orphans, index: old });
    const counted = faultyStorage(storage);
    await drop(counted);
    expect(await keptIn(storage)).toMatchObject({ sizes: [40, 50, 60, 70], unnamed: [], faults: [] });
    expect(counted.calls.filter((name) => name === 'commit').length).toBeGreaterThan(3700 / 64);
  });

  it('drops one that is not whole before it drops one that is, and keeps one of another version', async () => {
    const storage = memoryStorage();
    const states = await statesIn(storage);
    await writeAll(storage, states.slice(0, 5));
    const head = await storage.readHead();
    if (head === undefined) throw new Error('no head');
    const other = canonicalBytes({ type: 'caio/snapshot/v1', program: '0.0.0', sections: [], parts: [] });
    const digest = manifestDigest(other);
    const foreign = signSnapshot({ size: 60, root: (states[5] as Keepable).root, digest }, signer);
    const missing = signSnapshot({ size: 70, root: head.root, digest: 'e'.repeat(64) as never }, signer);
    await storage.commit(head, {
      head,
      blobs: [{ key: snapshotBlobKey(digest), bytes: other }],
      index: [
        { key: snapshotRowKey(60), value: foreign },
        { key: snapshotRowKey(61), value: foreign },
        { key: snapshotRowKey(70), value: missing },
        { key: snapshotRowKey(71), value: 'no note' },
      ],
    });
    await drop(storage);
    expect(await keptIn(storage)).toMatchObject({ sizes: [30, 40, 50, 60], unnamed: [], faults: [] });
    // A part of the latest but one goes missing: it is the first to go.
    const { blobs } = await keptIn(storage);
    const part = await partOnlyOf(storage, 50, blobs);
    await storage.commit(head, { head, blobs: [], index: [], drop: { blobs: [part], rows: [] } });
    await write(storage, states[6] as Keepable);
    await drop(storage);
    expect(await keptIn(storage)).toMatchObject({ sizes: [30, 40, 60, 70], unnamed: [], faults: [] });
  });

  it.each(['did not persist', 'did persist'] as const)(
    'that fails at any call (%s) loses nothing that a start needs, and the next one finishes it',
    async (mode: FaultMode) => {
      const begin = async () => {
        const storage = memoryStorage();
        const states = await statesIn(storage);
        await writeAll(storage, states.slice(0, 5));
        const faulty = faultyStorage(storage);
        const keepAndDrop = async () => {
          await write(faulty, states[5] as Keepable);
          await drop(faulty);
        };
        return { storage, states, faulty, keepAndDrop };
      };
      const counted = await begin();
      await counted.keepAndDrop();
      const calls = counted.faulty.calls.length;
      for (let at = 0; at < calls; at += 1) {
        const { storage, states, faulty, keepAndDrop } = await begin();
        const entries = await entriesOf(storage);
        faulty.plant(at, mode);
        await keepAndDrop().catch((cause: unknown) => expect(String(cause)).toMatch(/planted/));
        expect(faulty.thrown(), `call ${at}`).toBe(1);
        expect((await keptIn(storage)).faults, `call ${at}`).toEqual([]);
        const started = await start(storage);
        expect([50, 60], `call ${at}`).toContain(started.size);
        expect(started.warnings).toEqual([]);
        expect(await entriesOf(storage)).toBe(entries);
        // What was left in the middle is used or dropped by the next.
        const whole = faultyStorage(storage);
        await write(whole, states[6] as Keepable);
        await drop(whole);
        const { sizes: kept, unnamed, faults } = await keptIn(storage);
        expect(kept.at(-1)).toBe(70);
        expect([kept.length, unnamed, faults], `call ${at}`).toEqual([4, [], []]);
      }
      expect(calls).toBeGreaterThan(15);
    },
  );
});

/** The store, in which something happens before its n-th call of a method, once. */
function interrupted(
  storage: StoragePort,
  method: 'readBlob' | 'readBlobs' | 'commit',
  n: number,
  what: () => Promise<void>,
) {
  let calls = 0;
  const inTurn =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls === n + 1) await what();
      return call(...args);
    };
  const changes = { [method]: inTurn(storage[method] as (...args: unknown[]) => Promise<unknown>) };
  return { store: storageWith(storage, changes as Partial<StoragePort>), calls: () => calls };
}

describe('what others do meanwhile', () => {
  it('a start whose snapshot is dropped under it goes on from the latest, without a warning', async () => {
    let [dropped, again] = [0, 0];
    for (const method of ['readBlob', 'readBlobs'] as const) {
      for (let n = 0; n < 4; n += 1) {
        const storage = memoryStorage();
        const states = await statesIn(storage);
        await write(storage, states[0] as Keepable);
        const { store, calls } = interrupted(storage, method, n, async () => {
          await writeAll(storage, states.slice(1, 6));
          await drop(storage);
          dropped += 1;
        });
        const { size, warnings } = await start(store);
        // What it has read already it may use.
        expect([10, 60], `${method} ${n}`).toContain(size);
        if (size === 60) again += 1;
        if (calls() > n) expect((await keptIn(storage)).sizes).toEqual([30, 40, 50, 60]);
        expect(warnings).toEqual([]);
      }
    }
    expect(dropped).toBe(3);
    expect(again).toBe(3);
  });

  it('a start under which they are dropped again and again reads the entries', async () => {
    const storage = memoryStorage();
    const states = await statesIn(storage);
    await write(storage, states[6] as Keepable);
    const part = (await keptIn(storage)).blobs[0] as string;
    const head = await storage.readHead();
    if (head === undefined) throw new Error('no head');
    await storage.commit(head, { head, blobs: [], index: [], drop: { blobs: [part], rows: [] } });
    // As if the row, listed a moment ago, were gone each time that it is looked for.
    const gone = storageWith(storage, { readIndex: async () => undefined });
    expect(await start(gone)).toEqual({ size: undefined, warnings: [] });
    expect(await start(storage)).toEqual({
      size: undefined,
      warnings: [expect.stringMatching(/is missing/)],
    });
  });

  it('a part that was there, and is dropped before the snapshot names it, is written again', async () => {
    let renewed = 0;
    for (let n = 0; n < 6; n += 1) {
      const storage = memoryStorage();
      const states = await statesIn(storage);
      // The state at 50 has the policies of the one at 10, which is about to be dropped.
      await writeAll(storage, states.slice(0, 4));
      await write(storage, states[6] as Keepable);
      const { store } = interrupted(storage, 'readBlob', n, () => drop(storage));
      const counted = faultyStorage(store);
      await write(counted, states[4] as Keepable);
      if (counted.calls.filter((name) => name === 'readBlob').length > 4) renewed += 1;
      expect((await keptIn(storage)).faults, `before read ${n}`).toEqual([]);
      await drop(storage);
      expect(await keptIn(storage)).toMatchObject({ sizes: [30, 40, 50, 70], unnamed: [], faults: [] });
    }
    expect(renewed).toBeGreaterThan(0);
  });

  it('a part that no row names when it is looked at, and one does when it is to be dropped, stays', async () => {
    const storage = memoryStorage();
    const states = await statesIn(storage);
    await writeAll(storage, states.slice(0, 4));
    await write(storage, states[6] as Keepable);
    const { store, calls } = interrupted(storage, 'commit', 0, () => write(storage, states[4] as Keepable));
    await drop(store);
    expect(calls()).toBe(2);
    expect(await keptIn(storage)).toMatchObject({ sizes: [30, 40, 50, 70], unnamed: [], faults: [] });
  });

  it('two that drop at once: the second finds it done', async () => {
    const storage = memoryStorage();
    await writeAll(storage, await statesIn(storage));
    const { store, calls } = interrupted(storage, 'commit', 0, () => drop(storage));
    await drop(store);
    expect(calls()).toBe(1);
    expect(await keptIn(storage)).toMatchObject({ sizes: [40, 50, 60, 70], unnamed: [], faults: [] });
  });

  it('entries that are appended all the while do not keep it from being dropped', async () => {
    const storage = memoryStorage();
    await writeAll(storage, await statesIn(storage));
    let moved = 0;
    const commit: StoragePort['commit'] = async (expected, batch) => {
      if (batch.drop !== undefined && moved < 5) {
        moved += 1;
        await grown(storage, [70 + moved]);
      }
      return storage.commit(expected, batch);
    };
    await drop(storageWith(storage, { commit }));
    expect(moved).toBe(5);
    expect((await storage.readHead())?.size).toBe(75);
    expect(await keptIn(storage)).toMatchObject({ sizes: [40, 50, 60, 70], unnamed: [], faults: [] });
  });
});

/** A part that no row but that of this size names. */
async function partOnlyOf(storage: StoragePort, size: number, blobs: readonly string[]): Promise<string> {
  const row = { key: snapshotRowKey(size), value: (await storage.readIndex(snapshotRowKey(size))) ?? '' };
  const named = (await blobsNamedBy(storage, row, logKey)) ?? [];
  const rows = (await storage.scanIndex({ folder: 'snapshot/', limit: 99 })).filter(
    ({ key }) => key !== row.key,
  );
  const others = new Set<string>();
  for (const other of rows)
    for (const key of (await blobsNamedBy(storage, other, logKey)) ?? []) others.add(key);
  const [, part] = named.filter((key) => blobs.includes(key) && !others.has(key));
  if (part === undefined) throw new Error('no part of its own');
  return part;
}
