import type { Head, IndexRange } from '../port.js';
import type { PackedBatch } from './packed-batch.js';

/** What the thread of an LMDB folder is asked. */
export type LmdbCall =
  | { readonly name: 'readHead' }
  | { readonly name: 'commit'; readonly expected: Head | undefined; readonly batch: PackedBatch }
  | { readonly name: 'readBlob'; readonly key: string }
  | { readonly name: 'readBlobs'; readonly keys: readonly string[] }
  | { readonly name: 'readIndex'; readonly key: string }
  | { readonly name: 'scanIndex'; readonly range: IndexRange };
