import { describe, expect, it } from 'vitest';
import { digestFromBytes } from '../../../src/kernel/digest.js';
import { Fault } from '../../../src/kernel/errors.js';
import { leafHash } from '../../../src/kernel/merkle.js';
import { ok } from '../../../src/kernel/result.js';
import { parseVerifierKey } from '../../../src/kernel/verifier-key.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { encodeEntry } from '../../../src/log/entry-codec.js';
import type { Log } from '../../../src/log/log.js';
import { openLog } from '../../../src/log/open-log.js';
import type { Batch, StoragePort } from '../../../src/log/port.js';
import type { Published } from '../../../src/log/published.js';
import { storedTiles } from '../../../src/log/stored-tiles.js';
import { verifyCheckpoint } from '../../../src/log/tlog/checkpoint.js';
import { proveConsistency, verifyConsistency } from '../../../src/log/tlog/consistency.js';
import { parseBundle } from '../../../src/log/tlog/entry-bundle.js';
import { proveInclusion, verifyInclusion } from '../../../src/log/tlog/inclusion.js';
import { parseNoteText } from '../../../src/log/tlog/note.js';
import { hashesAt, tilesOf } from '../../../src/log/tlog/tile.js';
import { treeRoot } from '../../../src/log/tlog/tree-root.js';
import { contractPut, genesis, outcome, signer, verifierKey } from './entries.js';
import { flipped, hex, unwrap } from './tlog/trees.js';

const key = unwrap(parseVerifierKey(verifierKey));
const buildSnapshot = () => ok(null);

async function open(storage: StoragePort, sign = signer): Promise<Log<null>> {
  return unwrap(await openLog({ storage, buildSnapshot, signer: sign }, genesis));
}

/** Appends `count` events, `batch` at a time. */
async function append(log: Log<null>, count: number, batch: number): Promise<void> {
  for (let left = count; left > 0; left -= batch) {
    await log.appendEvents(Array.from({ length: Math.min(batch, left) }, () => outcome('a', 'answered')));
  }
}

/** That a checkpoint is signed and that the store's tiles hash to it; its root. */
async function checked(storage: StoragePort, { checkpoint, root, size }: Published): Promise<Uint8Array> {
  const verified = unwrap(verifyCheckpoint(unwrap(parseNoteText(checkpoint)), key));
  expect([verified.size, digestFromBytes(verified.root)]).toEqual([size, root]);
  expect(hex(unwrap(await treeRoot(storedTiles(storage, size), size)))).toBe(root);
  return verified.root;
}

describe('the tree of a running log', () => {
  it('grows with every commit, each checkpoint a beginning of the next', async () => {
    const storage = memoryStorage();
    const log = await open(storage);
    let before = log.published;
    expect(before.size).toBe(1);
    let checkpoints = 0;
    for (const count of [1, 1, 3, 120, 130, 1, 255, 1, 256, 300]) {
      await append(log, count, 256);
      const after = log.published;
      expect(after.size).toBe(log.size);
      expect(await storage.readHead()).toEqual({ size: after.size, root: after.root });
      const proof = unwrap(await proveConsistency(storedTiles(storage, after.size), before.size, after.size));
      const [old, now] = [await checked(storage, before), await checked(storage, after)];
      expect(verifyConsistency(before.size, after.size, old, now, proof).ok).toBe(true);
      before = after;
      checkpoints += 1;
    }
    expect(checkpoints).toBe(10);
    for (const index of [0, 1, 255, 256, log.size - 1]) {
      const path = unwrap(await proveInclusion(storedTiles(storage, log.size), index, log.size));
      const leaf = leafHash(
        (await storage.readBlob(`entry/${String(index).padStart(16, '0')}`)) as Uint8Array,
      );
      expect(verifyInclusion(await checked(storage, before), log.size, index, leaf, path).ok).toBe(true);
    }
  });

  it('is in the commit of its entries: one hash an entry, and a tile when it is full', async () => {
    const storage = memoryStorage();
    const batches: Batch[] = [];
    const log = await open({
      ...storage,
      commit: (expected, batch) => {
        batches.push(batch);
        return storage.commit(expected, batch);
      },
    });
    await append(log, 254, 254);
    await append(log, 1, 1);
    await append(log, 1, 1);
    const folders = batches.map(({ blobs }) => blobs.map(({ key }) => key.split('/').slice(0, -1).join('/')));
    expect(folders[1]).toEqual([...Array(254).fill('entry'), ...Array(254).fill('hash/0')]);
    expect(folders[2]).toEqual(['entry', 'hash/0', 'hash/1', 'tile/0']);
    expect(folders[3]).toEqual(['entry', 'hash/0']);
  });

  it('serves every tile of every width up to its size, and nothing beyond', async () => {
    const storage = memoryStorage();
    const log = await open(storage);
    await append(log, 599, 256);
    const tiles = storedTiles(storage, 600);
    let served = 0;
    for (const { level, index, width } of tilesOf(600)) {
      const whole = (await tiles.readTile({ level, index, width })) as Uint8Array;
      for (let part = 1; part <= 256; part += 1) {
        const bytes = await tiles.readTile({ level, index, width: part });
        expect(bytes && hex(bytes)).toBe(part > width ? undefined : hex(whole.subarray(0, 32 * part)));
        served += bytes === undefined ? 0 : 1;
      }
    }
    expect(served).toBe(600 + hashesAt(1, 600));
    for (const [level, index, width] of [
      [0, 3, 1],
      [0, 2, 0],
      [0, 2, 1.5],
      [0, 0, 257],
      [1, 1, 1],
      [2, 0, 1],
      [63, 0, 1],
      [0, Number.MAX_SAFE_INTEGER, 1],
    ] as const) {
      expect(await tiles.readTile({ level, index, width })).toBeUndefined();
    }
    const bundle = (await tiles.readBundle({ index: 2, width: 88 })) as Uint8Array;
    expect(unwrap(parseBundle(bundle, 88)).map(hex)[0]).toBe(hex(encodeEntry(outcome('a', 'answered'))));
    expect(await tiles.readBundle({ index: 2, width: 89 })).toBeUndefined();
    expect(await tiles.readBundle({ index: 3, width: 1 })).toBeUndefined();
    expect(await storedTiles(storage, 599).readTile({ level: 0, index: 2, width: 88 })).toBeUndefined();
  });

  it.each(['before', 'after'] as const)(
    'stays one tree when a commit fails %s it is written',
    async (mode) => {
      const storage = memoryStorage();
      let failing = false;
      const log = await open({
        ...storage,
        commit: async (expected, batch) => {
          const fault = new Fault('storage_failed', 'planted', { retryable: true });
          if (failing && mode === 'before') throw fault;
          const result = await storage.commit(expected, batch);
          if (failing) throw fault;
          return result;
        },
      });
      await append(log, 300, 100);
      const before = log.published;
      failing = true;
      await expect(append(log, 5, 5)).rejects.toMatchObject({ code: 'storage_failed' });
      failing = false;
      expect(log.published).toEqual(before);
      await append(log, 2, 2);
      const after = log.published;
      expect(after.size).toBe(mode === 'after' ? 308 : 303);
      const proof = unwrap(await proveConsistency(storedTiles(storage, after.size), before.size, after.size));
      const roots = [await checked(storage, before), await checked(storage, after)] as const;
      expect(verifyConsistency(before.size, after.size, ...roots, proof).ok).toBe(true);
      expect((await open(storage)).published).toEqual(after);
    },
  );

  it('acknowledges nothing that it could not sign for, and signs for it later', async () => {
    let broken = false;
    const sign = (text: string): Uint8Array => {
      if (broken) throw new Fault('io_failed', 'no key', { retryable: true });
      return signer.sign(text);
    };
    const storage = memoryStorage();
    const log = await open(storage, { ...signer, sign });
    broken = true;
    await expect(append(log, 3, 3)).rejects.toMatchObject({ code: 'io_failed' });
    expect([log.size, log.published.size]).toEqual([1, 1]);
    broken = false;
    await append(log, 1, 1);
    expect([log.size, log.published.size]).toEqual([5, 5]);
    await checked(storage, log.published);
  });

  it('follows another writer on the same store', async () => {
    const storage = memoryStorage();
    const [one, two] = [await open(storage), await open(storage)];
    for (let i = 0; i < 20; i += 1) {
      await Promise.all([
        append(one, 20, 7),
        append(two, 20, 9),
        one.appendState(() => ok([contractPut(`s${i}`)])),
      ]);
    }
    await append(one, 1, 1);
    await append(two, 1, 1);
    expect(two.published.size).toBe(1 + 20 * 41 + 2);
    await checked(storage, one.published);
    await checked(storage, two.published);
  });
});

describe('opening', () => {
  /** The store with the blob of one name, or the head, as somebody else would like it. */
  const altered = (storage: StoragePort, change: Partial<StoragePort>): StoragePort => ({
    ...storage,
    ...change,
  });

  it.each([0, 1, 250, 300])('finds entry %i changed', async (index) => {
    const storage = memoryStorage();
    await append(await open(storage), 300, 64);
    const readBlob: StoragePort['readBlob'] = async (name) => {
      const bytes = await storage.readBlob(name);
      const text = Buffer.from(bytes ?? []).toString();
      return name === `entry/${String(index).padStart(16, '0')}`
        ? Buffer.from(text.replace('"time":', '"time":1'))
        : bytes;
    };
    const changed = altered(storage, { readBlob, readBlobs: (names) => Promise.all(names.map(readBlob)) });
    await expect(open(changed)).rejects.toMatchObject({ code: 'storage_failed', retryable: false });
    expect((await open(storage)).size).toBe(301);
  });

  it('finds another root in the head', async () => {
    const storage = memoryStorage();
    await append(await open(storage), 3, 3);
    const changed = altered(storage, {
      readHead: async () => {
        const head = await storage.readHead();
        return head && { ...head, root: digestFromBytes(flipped(Buffer.from(head.root, 'hex'))) };
      },
    });
    await expect(open(changed)).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it.each([
    ['another name', { ...signer, name: 'log.other' }],
    ['another key of the same name', { ...signer, hash: '00000000' }],
  ])('refuses %s than the log was begun with', async (_, other) => {
    const storage = memoryStorage();
    await open(storage);
    const opened = await openLog({ storage, buildSnapshot, signer: other }, genesis);
    expect(opened).toMatchObject({ ok: false, error: [{ code: 'signer_mismatch' }] });
  });
});
