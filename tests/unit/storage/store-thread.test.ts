import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf } from '../../../src/log/batch.js';
import { lmdbStorage } from '../../../src/log/drivers/lmdb.js';
import { lmdbThreadStorage } from '../../../src/log/drivers/lmdb-thread.js';
import type { StoragePort } from '../../../src/log/port.js';
import { emptyFrontier } from '../../../src/log/tlog/frontier.js';
import { scratchFolder } from '../../support/caio-command.js';
import { type Death, type DyingThread, dyingThread, withSmallHeaps } from '../../support/dying-thread.js';
import { genesis } from '../log/entries.js';

const { batch } = batchOf([genesis], emptyFrontier);
const gone = {
  name: 'Fault',
  code: 'storage_failed',
  retryable: true,
  message: expect.stringMatching(/^The log folder .* is in a thread that has ended/),
};

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let folder: string;
let thread: DyingThread;
let store: StoragePort;

beforeEach(async () => {
  scratch = await scratchFolder();
  folder = scratch.path('log');
  thread = dyingThread('log', folder);
  store = await lmdbThreadStorage(folder, thread.module);
});
afterEach(async () => {
  thread.plan();
  await store.close();
  await scratch.dispose();
});

describe('a thread that dies', () => {
  const deaths: readonly (Omit<Death, 'call'> & { readonly stored: boolean })[] = [
    { when: 'before', how: 'exit', stored: false },
    { when: 'before', how: 'throw', stored: false },
    { when: 'after', how: 'exit', stored: true },
    { when: 'after', how: 'throw', stored: true },
  ];
  it.each(deaths)(
    '$when a commit, by $how: whoever waits may try again, and another thread goes on',
    async ({ stored, ...death }) => {
      thread.plan({ call: 'commit', ...death });
      const waiting = [store.commit(undefined, batch), store.readHead(), store.readBlob('tile/0/000.p/1')];
      for (const each of await Promise.allSettled(waiting)) {
        expect(each).toMatchObject({ status: 'rejected', reason: gone });
      }
      expect(thread.left()).toBe(0);
      expect(await store.readHead()).toEqual(stored ? batch.head : undefined);
      expect(await store.commit(stored ? batch.head : undefined, next(stored))).toBe('committed');
      expect(thread.starts()).toBe(2);
    },
  );

  it('of an exhausted heap takes nothing else with it, and says what it died of', async () => {
    await withSmallHeaps(async () => {
      // The one at work has the heap it began with: the next one has a small one.
      thread.plan(
        { call: 'readHead', when: 'before', how: 'exit' },
        { call: 'commit', when: 'before', how: 'memory' },
      );
      await expect(store.readHead()).rejects.toMatchObject(gone);
      await expect(store.commit(undefined, batch)).rejects.toMatchObject({
        ...gone,
        message: expect.stringMatching(/memory limit/),
      });
    });
    expect(await store.readHead()).toBeUndefined();
    expect(await store.commit(undefined, batch)).toBe('committed');
  });

  it('would rather end before a call than have its heap run out in the middle of a transaction', async () => {
    await withSmallHeaps(async () => {
      thread.plan(
        { call: 'readHead', when: 'before', how: 'exit' },
        { call: 'readHead', when: 'before', how: 'half' },
      );
      await expect(store.readHead()).rejects.toMatchObject(gone);
      expect(await store.readHead()).toBeUndefined();
    });
    await expect(store.commit(undefined, batch)).rejects.toMatchObject({
      ...gone,
      message: expect.stringMatching(/more than half of its heap is taken/),
    });
    expect(await store.commit(undefined, batch)).toBe('committed');
    expect(thread.starts()).toBe(3);
  });

  it.each(['before', 'after'] as const)(
    'while it begins (%s it has the store) is followed by another',
    async (when) => {
      thread.plan({ call: 'readHead', when: 'before', how: 'exit' }, { call: 'begin', when, how: 'exit' });
      await expect(store.readHead()).rejects.toMatchObject(gone);
      await expect(store.readHead()).rejects.toMatchObject(gone);
      expect(await store.readHead()).toBeUndefined();
      expect(thread.starts()).toBe(3);
    },
  );

  it('as soon as it has said that it has the store leaves nobody waiting', async () => {
    thread.plan(
      { call: 'readHead', when: 'before', how: 'exit' },
      { call: 'begun', when: 'after', how: 'exit' },
    );
    await expect(store.readHead()).rejects.toMatchObject(gone);
    await expect(store.readHead()).rejects.toMatchObject(gone);
    expect(await store.readHead()).toBeUndefined();
  });

  it('again and again is started once a call, and once for calls that come together', async () => {
    const death: Death = { call: 'readHead', when: 'before', how: 'exit' };
    thread.plan(...Array.from({ length: 6 }, () => death));
    for (let n = 0; n < 5; n += 1) await expect(store.readHead()).rejects.toMatchObject(gone);
    expect(thread.starts()).toBe(5);
    const together = await Promise.allSettled(Array.from({ length: 20 }, () => store.readHead()));
    expect(together.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
    expect([thread.left(), thread.starts()]).toEqual([0, 6]);
    expect(await store.readHead()).toBeUndefined();
  });
});

describe('closing a store whose thread', () => {
  /** Nobody holds the folder: another opening of this process would be refused. */
  const expectFree = async () => (await lmdbStorage(folder)).close();

  it.each([
    { when: 'before', how: 'exit' },
    { when: 'before', how: 'throw' },
    { when: 'after', how: 'exit' },
    { when: 'after', how: 'throw' },
  ] as const)(
    'dies of it ($when it let go, by $how) rejects, and lets go when it is tried again',
    async (death) => {
      thread.plan({ call: 'close', ...death });
      await expect(store.close()).rejects.toMatchObject(gone);
      await expect(store.readHead()).rejects.toMatchObject({ retryable: false });
      await store.close();
      await expectFree();
    },
  );

  it('has died lets go of the folder', async () => {
    thread.plan({ call: 'readHead', when: 'before', how: 'exit' });
    await expect(store.readHead()).rejects.toMatchObject(gone);
    await store.close();
    await expectFree();
  });

  it('is about to begin answers what was asked before, and lets go of the folder', async () => {
    thread.plan({ call: 'readHead', when: 'before', how: 'exit' });
    await expect(store.readHead()).rejects.toMatchObject(gone);
    const [asked, closed] = [store.readHead(), store.close()];
    expect(await asked).toBeUndefined();
    await closed;
    await expectFree();
  });
});

function next(stored: boolean) {
  return stored ? { head: { ...batch.head, size: 2 }, blobs: [], index: [] } : batch;
}
