import type { StoragePort } from '../port.js';
import { lmdbStorage } from './lmdb.js';
import type { LmdbCall } from './lmdb-calls.js';
import { unpackBatch } from './packed-batch.js';
import { serveStore } from './serve-store.js';

function perform(storage: StoragePort, call: LmdbCall): Promise<unknown> {
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
    default:
      return call satisfies never;
  }
}

await serveStore<StoragePort, LmdbCall>(({ folder, token }) => lmdbStorage(folder, token), perform);
