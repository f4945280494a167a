import type { Head, IndexRange, StoragePort } from '../port.js';
import { type PackedBatch, unpackBatch } from './packed-batch.js';

/** What the thread of an LMDB folder is asked. */
export type LmdbCall =
  | { readonly name: 'readHead' }
  | { readonly name: 'commit'; readonly expected: Head | undefined; readonly batch: PackedBatch }
  | { readonly name: 'readBlob'; readonly key: string }
  | { readonly name: 'readBlobs'; readonly keys: readonly string[] }
  | { readonly name: 'readIndex'; readonly key: string }
  | { readonly name: 'scanIndex'; readonly range: IndexRange }
  | { readonly name: 'scanDroppable'; readonly after: string; readonly limit: number };

/** What the thread does with it. */
export function performLmdbCall(storage: StoragePort, call: LmdbCall): Promise<unknown> {
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
    case 'scanDroppable':
      return storage.scanDroppable(call.after, call.limit);
    default:
      return call satisfies never;
  }
}
