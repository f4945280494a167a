import { parentPort, workerData } from 'node:worker_threads';
import { Defect } from '../../kernel/errors.js';
import type { StoragePort } from '../port.js';
import { lmdbStorage } from './lmdb.js';
import { unpackBatch } from './packed-batch.js';
import {
  failureOf,
  type StorageAnswered,
  type StorageAsked,
  type StorageOpened,
  type ThreadData,
} from './thread-messages.js';

/** The thread behind `lmdbThreadStorage`: opens the folder that it was started with, and does what it is asked, one call after the other. */
async function serve({ folder, token }: ThreadData): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Defect('internal', 'this module is the beginning of a thread');
  const opened = await lmdbStorage(folder, token).catch(failureOf);
  if ('kind' in opened) {
    port.postMessage({ failure: opened } satisfies StorageOpened);
    return;
  }
  port.on('message', async (asked: StorageAsked) => {
    port.postMessage(await answer(opened, asked));
    if (asked.call.name === 'close') port.close();
  });
  port.postMessage({ durability: opened.durability } satisfies StorageOpened);
}

async function answer(storage: StoragePort, { id, call }: StorageAsked): Promise<StorageAnswered> {
  try {
    return { id, value: await perform(storage, call) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function perform(storage: StoragePort, call: StorageAsked['call']): Promise<unknown> {
  switch (call.name) {
    case 'readHead':
      return storage.readHead();
    case 'commit':
      return storage.commit(call.expected, unpackBatch(call.batch));
    case 'readBlob':
      return storage.readBlob(call.key);
    case 'readBlobs':
      return storage.readBlobs(call.keys);
    case 'readIndex':
      return storage.readIndex(call.key);
    case 'scanIndex':
      return storage.scanIndex(call.range);
    case 'close':
      return storage.close();
    default:
      return call satisfies never;
  }
}

await serve(workerData as ThreadData);
