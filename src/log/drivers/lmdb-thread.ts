import { FolderFaults } from '../../storage/folder-faults.js';
import { StoreThread, threadModule } from '../../storage/store-thread.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import type { LmdbCall } from './lmdb-calls.js';
import { logFolder } from './log-folder.js';
import { packBatch } from './packed-batch.js';

/**
 * `lmdbStorage` in a thread of its own, which runs `module`. Rejects as it does, and with a retryable Fault `storage_failed` when the thread
 * has ended.
 */
export async function lmdbThreadStorage(folder: string, module = ownModule()): Promise<StoragePort> {
  const thread = new StoreThread<LmdbCall>(module, new FolderFaults(logFolder, folder));
  await thread.begin();
  return new LmdbThread(thread);
}

const ownModule = (): URL => threadModule(import.meta.url, 'log/drivers', 'lmdb-worker');

class LmdbThread implements StoragePort {
  readonly durability = 'disk';
  readonly #thread: StoreThread<LmdbCall>;

  constructor(thread: StoreThread<LmdbCall>) {
    this.#thread = thread;
  }

  readHead(): Promise<Head | undefined> {
    return this.#thread.ask({ name: 'readHead' });
  }

  commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    const packed = packBatch(batch);
    return this.#thread.ask({ name: 'commit', expected, batch: packed }, [packed.bytes.buffer]);
  }

  readBlob(key: string): Promise<Uint8Array | undefined> {
    return this.#thread.ask({ name: 'readBlob', key });
  }

  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#thread.ask({ name: 'readBlobs', keys });
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#thread.ask({ name: 'readIndex', key });
  }

  scanIndex(range: IndexRange): Promise<readonly IndexRow[]> {
    return this.#thread.ask({ name: 'scanIndex', range });
  }

  scanDroppable(after: string, limit: number): Promise<readonly string[]> {
    return this.#thread.ask({ name: 'scanDroppable', after, limit });
  }

  /** One process has the folder for itself: nobody else commits. */
  async watch(): Promise<() => Promise<void>> {
    this.#thread.refuseWhenClosed();
    return async () => undefined;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
