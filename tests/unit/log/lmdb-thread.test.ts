import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Defect, Fault } from '../../../src/kernel/errors.js';
import { batchOf } from '../../../src/log/batch.js';
import { lmdbStorage } from '../../../src/log/drivers/lmdb.js';
import { lmdbThreadStorage } from '../../../src/log/drivers/lmdb-thread.js';
import { packBatch, unpackBatch } from '../../../src/log/drivers/packed-batch.js';
import { emptyFrontier } from '../../../src/log/tlog/frontier.js';
import { errorOf, failureOf } from '../../../src/storage/thread-messages.js';
import { scratchFolder } from '../../support/caio-command.js';
import { genesis } from './entries.js';

describe('a store in a thread of its own', () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  beforeEach(async () => {
    scratch = await scratchFolder();
  });
  afterEach(() => scratch.dispose());

  it('has what the same folder has without one', async () => {
    const folder = scratch.path('log');
    const { batch } = batchOf([genesis], emptyFrontier);
    const threaded = await lmdbThreadStorage(folder);
    expect(await threaded.commit(undefined, batch)).toBe('committed');
    expect(await threaded.commit(undefined, batch)).toBe('conflict');
    await threaded.close();
    const plain = await lmdbStorage(folder);
    expect(await plain.readHead()).toEqual(batch.head);
    for (const { key, bytes } of batch.blobs) {
      expect(Buffer.compare((await plain.readBlob(key)) as Uint8Array, bytes)).toBe(0);
    }
    await plain.close();
  });

  it('says with the words of the store why a folder cannot be opened, and is no claim on it then', async () => {
    const folder = scratch.path('log');
    const plain = await lmdbStorage(folder);
    await expect(lmdbThreadStorage(folder)).rejects.toMatchObject({
      code: 'storage_failed',
      retryable: false,
      message: expect.stringMatching(`is open in process ${process.pid}`),
    });
    await plain.close();
    await (await lmdbThreadStorage(folder)).close();
  });

  it('answers nothing after it was closed, and closes twice', async () => {
    const threaded = await lmdbThreadStorage(scratch.path('log'));
    await threaded.close();
    await threaded.close();
    await expect(threaded.readHead()).rejects.toMatchObject({ code: 'storage_failed', retryable: false });
  });

  it('answers each of many calls with its own result', async () => {
    const threaded = await lmdbThreadStorage(scratch.path('log'));
    const index = Array.from({ length: 200 }, (_, i) => ({ key: `n/${i}`, value: String(i) }));
    const head = { size: 1, root: batchOf([genesis], emptyFrontier).batch.head.root };
    await threaded.commit(undefined, { head, blobs: [], index });
    const answers = await Promise.all(index.map(({ key }) => threaded.readIndex(key)));
    expect(answers).toEqual(index.map(({ value }) => value));
    await threaded.close();
  });
});

describe('what passes between threads', () => {
  it('is a batch as it was, its memory left to the caller', () => {
    const pool = new Uint8Array(64).fill(7);
    const batch = {
      head: { size: 2, root: batchOf([genesis], emptyFrontier).batch.head.root },
      blobs: [
        { key: 'a', bytes: pool.subarray(3, 9) },
        { key: 'empty', bytes: new Uint8Array(0) },
        { key: 'b', bytes: Uint8Array.of(1, 2, 3) },
      ],
      index: [{ key: 'f/1', value: 'x' }],
    };
    const packed = packBatch(batch);
    expect(unpackBatch(packed)).toEqual(batch);
    expect(packed.bytes.buffer).not.toBe(pool.buffer);
    expect(packed.bytes).toHaveLength(9);
  });

  it('is an error of the same class, code and words', () => {
    const fault = new Fault('storage_failed', 'full', { retryable: true, subject: 'log' });
    const defect = new Defect('invariant_broken', 'no', { invariant: 'INV-CAIO-0001' });
    for (const error of [fault, defect]) {
      const passed = errorOf(structuredClone(failureOf(error)));
      expect(passed).toBeInstanceOf(error.constructor);
      expect({ ...passed, message: passed.message }).toEqual({ ...error, message: error.message });
    }
    expect(errorOf(failureOf(new RangeError('odd')))).toMatchObject({ code: 'internal', message: 'odd' });
  });
});
