import { canonicalText } from '../../kernel/canonical.js';
import { ClaimedFolder, newClaimToken } from '../../storage/claimed-folder.js';
import { keyBytes } from '../../storage/lmdb-environment.js';
import type { Rewrite } from '../fsck/finding.js';
import type { Batch, Condition, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import type { StoreRepair } from '../store-reading.js';
import {
  headKey,
  type LogEnvironment,
  logFolder,
  rowKey,
  scan,
  scanDroppable,
  storedHead,
} from './log-folder.js';
import { sameHead } from './same-head.js';
import { checkBatch, folderOf, refuseEntries, rewrites as rewritesKey } from './storage-key.js';

/**
 * The log in one folder of a local disk, by LMDB, for one process at a time (`ClaimedFolder`, ADR-0006). Rejects with Fault `storage_failed`. What
 * `commit` does blocks the thread until the disk has it, so a server has it in a thread of its own (`lmdbThreadStorage`). `token` is that of the
 * claim: who opens the folder again with the same one takes up the claim that it left.
 */
export async function lmdbStorage(folder: string, token = newClaimToken()): Promise<StoragePort> {
  const claimed = new ClaimedFolder<LogEnvironment>(logFolder, folder, token);
  await claimed.claim();
  return new LmdbStore(claimed);
}

/** Claims the folder as `lmdbStorage` does, so never beside a server. */
export async function lmdbRepair(folder: string): Promise<StoreRepair> {
  const claimed = new ClaimedFolder<LogEnvironment>(logFolder, folder, newClaimToken());
  await claimed.claim();
  return {
    rewrite: async (checked, rewrites, onlyIf) => {
      refuseEntries(rewrites);
      return claimed.commit((environment) => {
        if (!sameHead(storedHead(environment), checked) || !holds(environment, onlyIf)) return 'conflict';
        for (const each of rewrites) overwrite(environment, each);
        return 'written';
      });
    },
    close: () => claimed.close(),
  };
}

class LmdbStore implements StoragePort {
  readonly durability = 'disk';
  readonly #folder: ClaimedFolder<LogEnvironment>;

  constructor(folder: ClaimedFolder<LogEnvironment>) {
    this.#folder = folder;
  }

  readHead(): Promise<Head | undefined> {
    return this.#folder.readClaimed(storedHead);
  }

  async commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    checkBatch(batch);
    return this.#folder.commit((environment) => {
      if (!sameHead(storedHead(environment), expected) || !holds(environment, batch.onlyIf))
        return 'conflict';
      write(environment, batch);
      return 'committed';
    });
  }

  readBlob(key: string): Promise<Uint8Array | undefined> {
    return this.#folder.read(({ blobs }) => blobs.get(keyBytes(key)));
  }

  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#folder.read(({ blobs }) => keys.map((key) => blobs.get(keyBytes(key))));
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#folder.read(({ index }) => index.get(rowKey(folderOf(key), key))?.toString());
  }

  scanIndex(range: IndexRange): Promise<readonly IndexRow[]> {
    return this.#folder.read(({ index }) => scan(index, range));
  }

  scanDroppable(after: string, limit: number): Promise<readonly string[]> {
    return this.#folder.read((environment) => scanDroppable(environment, after, limit));
  }

  /** One process at a time has the folder: nobody else commits. */
  watch(): Promise<() => Promise<void>> {
    return this.#folder.read(() => async () => undefined);
  }

  close(): Promise<void> {
    return this.#folder.close();
  }
}

function holds({ index }: LogEnvironment, condition: Condition | undefined): boolean {
  if (condition === undefined) return true;
  const { key, value } = condition;
  return index.get(rowKey(folderOf(key), key))?.toString() === value;
}

function write({ meta, blobs, index }: LogEnvironment, batch: Batch): void {
  for (const { key, bytes } of batch.blobs) {
    const name = keyBytes(key);
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const known = blobs.get(name);
    if (known !== undefined && !known.equals(value)) {
      throw rewritesKey(key);
    }
    if (known === undefined) blobs.putSync(name, value);
  }
  for (const { key, value } of batch.index) index.putSync(rowKey(folderOf(key), key), Buffer.from(value));
  // LMDB gives the pages of what is dropped to what is written later: the file does not shrink, and need not grow.
  for (const key of batch.drop?.blobs ?? []) blobs.removeSync(keyBytes(key));
  for (const key of batch.drop?.rows ?? []) index.removeSync(rowKey(folderOf(key), key));
  meta.putSync(headKey, Buffer.from(canonicalText(batch.head)));
}

function overwrite({ blobs, index }: LogEnvironment, rewrite: Rewrite): void {
  if (rewrite.kind === 'blob') {
    if (rewrite.bytes === undefined) blobs.removeSync(keyBytes(rewrite.key));
    else blobs.putSync(keyBytes(rewrite.key), Buffer.from(rewrite.bytes));
  } else {
    const key = rowKey(folderOf(rewrite.key), rewrite.key);
    if (rewrite.value === undefined) index.removeSync(key);
    else index.putSync(key, Buffer.from(rewrite.value));
  }
}
