import type { StoragePort } from '../../src/log/port.js';

/** The store with other methods in place of some of its own. */
export function storageWith(storage: StoragePort, changes: Partial<StoragePort>): StoragePort {
  return {
    durability: storage.durability,
    readHead: () => storage.readHead(),
    commit: (expected, batch) => storage.commit(expected, batch),
    readBlob: (key) => storage.readBlob(key),
    readBlobs: (keys) => storage.readBlobs(keys),
    readIndex: (key) => storage.readIndex(key),
    scanIndex: (range) => storage.scanIndex(range),
    scanDroppable: (after, limit) => storage.scanDroppable(after, limit),
    watch: (listener) => storage.watch(listener),
    close: () => storage.close(),
    ...changes,
  };
}
