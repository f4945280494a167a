import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { canonicalText } from '../../kernel/canonical.js';
import { Defect, Fault } from '../../kernel/errors.js';
import type { Rewrite } from '../fsck/finding.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import {
  bytesOf,
  type Claim,
  claimKey,
  type Environment,
  headKey,
  layout,
  openEnvironment,
  openHere,
  readClaim,
  rowKey,
  scan,
  storedHead,
} from './lmdb-environment.js';
import { brokenStoreFile } from './lmdb-file.js';
import { ownIdentity, stateOf } from './process-identity.js';
import { sameHead } from './same-head.js';
import { checkKey, folderOf, rewrites as rewritesKey } from './storage-key.js';

/**
 * The log in one folder of a local disk, by LMDB. One process at a time: the folder holds the claim of the process that has it open,
 * taken inside a write transaction, which LMDB gives to one process at a time. While that process runs, another one is refused with a
 * Fault that names it; a claim of a process that is gone is replaced. Where that cannot be told (the claim is from another container)
 * it is replaced too, and every commit compares the claim within its transaction, so the former holder can write nothing from then on
 * and says so: never two writers, never in silence.
 *
 * Rejects with Fault `storage_failed`. What `commit` does blocks the thread until the disk has it: LMDB's asynchronous commits report
 * a full disk as unhandled rejections, which end the process. A server therefore has it in a thread of its own (`lmdbThreadStorage`). `token`
 * is that of the claim: who opens the folder again with the same one takes up the claim that it left.
 */
export async function lmdbStorage(folder: string, token = newClaimToken()): Promise<StoragePort> {
  const store = new LmdbStore(folder, token);
  await store.claim();
  return store;
}

/** Tells openings apart, also two by one process. */
export function newClaimToken(): string {
  return randomBytes(16).toString('hex');
}

/** A log folder whose derived parts may be written over. */
export interface LmdbRepair {
  readHead(): Promise<Head | undefined>;
  /** All of it in one transaction. Entries are refused: a Defect. */
  rewrite(rewrites: readonly Rewrite[]): Promise<void>;
  close(): Promise<void>;
}

/** Claims the folder as `lmdbStorage` does, so never beside a server. */
export async function lmdbRepair(folder: string): Promise<LmdbRepair> {
  const store = new LmdbStore(folder, newClaimToken());
  await store.claim();
  return store;
}

class LmdbStore implements StoragePort, LmdbRepair {
  readonly durability = 'disk';
  readonly #folder: string;
  readonly #token: string;
  #environment: Environment | undefined;
  #closed = false;

  constructor(folder: string, token: string) {
    this.#folder = folder;
    this.#token = token;
  }

  async claim(): Promise<void> {
    const place = this.#place();
    if (openHere.has(place)) throw this.#refusal(`is open in process ${process.pid}, this one`);
    const claim: Claim = { layout, token: this.#token, holder: ownIdentity() };
    try {
      const environment = await this.#opened();
      environment.root.transactionSync(() => {
        const held = readClaim(environment);
        if (held !== undefined) this.#checkFree(held);
        environment.meta.putSync(claimKey, Buffer.from(canonicalText(claim)));
      });
      syncFolder(place);
      syncFolder(dirname(place));
      openHere.add(place);
    } catch (cause) {
      await this.#drop();
      throw this.#fault(cause, 'could not be opened');
    }
  }

  #place(): string {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return realpathSync(this.#folder);
    } catch (cause) {
      throw this.#fault(cause, 'could not be opened');
    }
  }

  #checkFree({ layout: found, holder, token }: Claim): void {
    if (found !== layout) throw this.#refusal(`has the layout ${found}, not ${layout}`);
    if (token === this.#token) return;
    if (stateOf(holder) !== 'running') return;
    throw this.#refusal(`is open in process ${holder.pid}; one process at a time has it`);
  }

  readHead(): Promise<Head | undefined> {
    return this.#read((environment) => {
      this.#checkClaim(environment);
      return storedHead(environment);
    });
  }

  async commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    for (const { key } of [...batch.blobs, ...batch.index]) checkKey(key);
    try {
      const environment = await this.#opened();
      // THE COMMIT POINT. Relied on: an abortable transaction whose commit is synchronous (lmdb's default flags for transactionSync)
      // in an environment without MDB_NOSYNC, MDB_NOMETASYNC, MDB_WRITEMAP and overlapping syncs. LMDB then writes the pages, calls
      // fdatasync, and only then writes the meta page that makes them the state, itself synchronously (O_DSYNC); `mdb_txn_commit`
      // returns after that. A crash before the meta page leaves the former state whole.
      return environment.root.transactionSync(() => {
        this.#checkClaim(environment);
        if (!sameHead(storedHead(environment), expected)) return 'conflict';
        write(environment, batch);
        return 'committed';
      });
    } catch (cause) {
      if (cause instanceof Defect) throw cause;
      // An environment that failed to write may refuse everything after it: the next call opens it anew.
      await this.#drop();
      throw this.#fault(cause, 'could not be written');
    }
  }

  async rewrite(rewrites: readonly Rewrite[]): Promise<void> {
    const entry = rewrites.find(({ kind, key }) => kind === 'blob' && !/^(hash|tile)\//.test(key));
    if (entry !== undefined) throw rewritesKey(entry.key);
    try {
      const environment = await this.#opened();
      environment.root.transactionSync(() => {
        this.#checkClaim(environment);
        for (const each of rewrites) overwrite(environment, each);
      });
    } catch (cause) {
      await this.#drop();
      throw this.#fault(cause, 'could not be written');
    }
  }

  readBlob(key: string): Promise<Uint8Array | undefined> {
    return this.#read(({ blobs }) => blobs.get(bytesOf(key)));
  }

  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#read(({ blobs }) => keys.map((key) => blobs.get(bytesOf(key))));
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#read(({ index }) => index.get(rowKey(folderOf(key), key))?.toString());
  }

  scanIndex(range: IndexRange): Promise<readonly IndexRow[]> {
    return this.#read(({ index }) => scan(index, range));
  }

  /** One process at a time has the folder: nobody else commits. */
  watch(): Promise<() => Promise<void>> {
    return this.#read(() => async () => undefined);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    openHere.delete(this.#place());
    const environment = this.#environment;
    if (environment === undefined) return;
    try {
      environment.root.transactionSync(() => {
        if (readClaim(environment)?.token === this.#token) environment.meta.removeSync(claimKey);
      });
    } catch (cause) {
      throw this.#fault(cause, 'could not be released');
    } finally {
      await this.#drop();
    }
  }

  async #read<T>(read: (environment: Environment) => T): Promise<T> {
    try {
      return read(await this.#opened());
    } catch (cause) {
      throw this.#fault(cause, 'could not be read');
    }
  }

  async #opened(): Promise<Environment> {
    if (this.#closed && this.#environment === undefined) throw this.#refusal('was closed');
    if (this.#environment !== undefined) return this.#environment;
    const broken = brokenStoreFile(this.#folder);
    if (broken !== undefined) throw this.#refusal(broken);
    this.#environment = openEnvironment(this.#folder);
    return this.#environment;
  }

  /** Closes the environment, which says nothing about what was committed. */
  async #drop(): Promise<void> {
    const environment = this.#environment;
    this.#environment = undefined;
    await environment?.root.close().catch(() => undefined);
  }

  #checkClaim(environment: Environment): void {
    const held = readClaim(environment);
    if (held?.token === this.#token) return;
    const holder = held === undefined ? 'nobody' : `process ${held.holder.pid}`;
    throw this.#refusal(`was taken over by ${holder}; this process writes nothing to it any more`);
  }

  #refusal(what: string): Fault {
    return new Fault('storage_failed', `The log folder ${this.#folder} ${what}.`, {
      retryable: false,
      subject: this.#folder,
    });
  }

  #fault(cause: unknown, what: string): Fault {
    if (cause instanceof Fault) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new Fault('storage_failed', `The log folder ${this.#folder} ${what}: ${reason}.`, {
      retryable: true,
      subject: this.#folder,
      cause,
    });
  }
}

/** Makes the names in a folder durable: the sync of a file need not carry its name (fsync(2)). Windows has no such call and no need of it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function write({ meta, blobs, index }: Environment, batch: Batch): void {
  for (const { key, bytes } of batch.blobs) {
    const name = bytesOf(key);
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const known = blobs.get(name);
    if (known !== undefined && !known.equals(value)) {
      throw rewritesKey(key);
    }
    if (known === undefined) blobs.putSync(name, value);
  }
  for (const { key, value } of batch.index) index.putSync(rowKey(folderOf(key), key), Buffer.from(value));
  meta.putSync(headKey, Buffer.from(canonicalText(batch.head)));
}

function overwrite({ blobs, index }: Environment, rewrite: Rewrite): void {
  if (rewrite.kind === 'blob') blobs.putSync(bytesOf(rewrite.key), Buffer.from(rewrite.bytes));
  else {
    const key = rowKey(folderOf(rewrite.key), rewrite.key);
    if (rewrite.value === undefined) index.removeSync(key);
    else index.putSync(key, Buffer.from(rewrite.value));
  }
}
