import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../kernel/errors.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import { newClaimToken } from './lmdb.js';
import { packBatch } from './packed-batch.js';
import {
  errorOf,
  type StorageAnswered,
  type StorageAsked,
  type StorageCall,
  type StorageOpened,
  type ThreadData,
} from './thread-messages.js';

/**
 * `lmdbStorage` in a thread of its own: whoever asks waits for the disk, nobody else does. A call costs about 50 µs more than in the
 * thread of the caller. Rejects as `lmdbStorage` does, and with a retryable Fault `storage_failed` when the thread has ended.
 */
export async function lmdbThreadStorage(folder: string): Promise<StoragePort> {
  const storage = new LmdbThread(folder);
  await storage.begin();
  return storage;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

class LmdbThread implements StoragePort {
  readonly durability = 'disk';
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  /** Claims the folder for whichever thread is at work: one that ended without letting go does not lock out the next. */
  readonly #token = newClaimToken();
  #thread: Worker | undefined;
  #beginning: Promise<Worker> | undefined;
  #last = 0;
  #closed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  begin(): Promise<Worker> {
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async #begin(): Promise<Worker> {
    const thread = startThread({ folder: this.#folder, token: this.#token });
    // What a thread dies of is said by its end: whoever waits is told then.
    thread.on('error', () => undefined);
    const opened = new Promise<StorageOpened | undefined>((resolve) => {
      thread.once('message', resolve);
      thread.once('exit', () => {
        resolve(undefined);
        this.#ended(thread);
      });
    });
    const first = await opened;
    if (first === undefined) throw this.#gone();
    if ('failure' in first) throw errorOf(first.failure);
    thread.on('message', (answered: StorageAnswered) => this.#settle(answered));
    // A process that has nothing else to do may end: what was acknowledged is on the disk.
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  readHead(): Promise<Head | undefined> {
    return this.#ask({ name: 'readHead' });
  }

  commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    const packed = packBatch(batch);
    return this.#ask({ name: 'commit', expected, batch: packed }, [packed.bytes.buffer]);
  }

  readBlob(key: string): Promise<Uint8Array | undefined> {
    return this.#ask({ name: 'readBlob', key });
  }

  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#ask({ name: 'readBlobs', keys });
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#ask({ name: 'readIndex', key });
  }

  scanIndex(range: IndexRange): Promise<readonly IndexRow[]> {
    return this.#ask({ name: 'scanIndex', range });
  }

  /** One process has the folder for itself: nobody else commits. */
  async watch(): Promise<() => Promise<void>> {
    this.#refuseWhenClosed();
    return async () => undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = once(thread, 'exit');
    await this.#post(thread, { name: 'close' });
    await ended;
  }

  async #ask<T>(call: StorageCall, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    this.#refuseWhenClosed();
    const thread = this.#thread ?? (await this.begin());
    return (await this.#post(thread, call, transfer)) as T;
  }

  #refuseWhenClosed(): void {
    if (!this.#closed) return;
    const message = `The log folder ${this.#folder} was closed.`;
    throw new Fault('storage_failed', message, { retryable: false, subject: this.#folder });
  }

  #post(thread: Worker, call: StorageCall, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    this.#last += 1;
    const asked: StorageAsked = { id: this.#last, call };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      thread.ref();
      thread.postMessage(asked, [...transfer]);
    });
  }

  #settle(answered: StorageAnswered): void {
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    // While it closes, its end is waited for.
    if (this.#waiting.size === 0 && !this.#closed) this.#thread?.unref();
    if ('failure' in answered) waiting?.reject(errorOf(answered.failure));
    else waiting?.resolve(answered.value);
  }

  /** The next call starts another thread, which finds what was committed. */
  #ended(thread: Worker): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): Fault {
    const message = `The thread that writes to the log folder ${this.#folder} has ended.`;
    return new Fault('storage_failed', message, { retryable: true, subject: this.#folder });
  }
}

/** Threads take no loader of TypeScript: where the sources run as they are (tests, benches), the thread is the compiled one. */
function startThread(workerData: ThreadData): Worker {
  const compiled = import.meta.url.endsWith('.js') ? './' : '../../../dist/log/drivers/';
  return new Worker(new URL(`${compiled}lmdb-worker.js`, import.meta.url), { workerData });
}
