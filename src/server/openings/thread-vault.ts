import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../kernel/errors.js';
import { errorOf } from '../../log/drivers/thread-messages.js';
import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';
import {
  ownBytes,
  type VaultAnswered,
  type VaultAsked,
  type VaultCall,
  type VaultOpened,
  type VaultThreadData,
} from './vault-thread-messages.js';

/**
 * `folderVault` in a thread of its own: whoever asks waits for the disk, nobody else does (ADR-0008). Rejects as `folderVault` does, and with
 * a retryable Fault `vault_failed` when the thread has ended; the next call starts another one.
 */
export async function threadVault(folder: string): Promise<VaultStore> {
  const store = new ThreadVault(folder);
  await store.begin();
  return store;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

class ThreadVault implements VaultStore {
  readonly durability = 'disk';
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  /** Claims the folder for whichever thread is at work: one that ended without letting go does not lock out the next. */
  readonly #token = randomBytes(16).toString('hex');
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
    const first = await new Promise<VaultOpened | undefined>((resolve) => {
      thread.once('message', resolve);
      thread.once('exit', () => {
        resolve(undefined);
        this.#ended(thread);
      });
    });
    if (first === undefined) throw this.#gone();
    if ('failure' in first) throw errorOf(first.failure);
    thread.on('message', (answered: VaultAnswered) => this.#settle(answered));
    // A process that has nothing else to do may end: what was acknowledged is on the disk.
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  commit({ puts, keys, ...rest }: VaultChange): Promise<void> {
    const change = {
      ...rest,
      ...(puts === undefined ? {} : { puts: ownBytes(puts) }),
      ...(keys === undefined ? {} : { keys: ownBytes(keys) }),
    };
    return this.#ask({ name: 'commit', change });
  }

  read(row: string): Promise<Uint8Array | undefined> {
    return this.#ask({ name: 'read', row });
  }

  scan(range: VaultRange): Promise<readonly VaultRow[]> {
    return this.#ask({ name: 'scan', range });
  }

  readKey(key: string): Promise<Uint8Array | undefined> {
    return this.#ask({ name: 'readKey', key });
  }

  scanKeys(range: VaultRange): Promise<readonly string[]> {
    return this.#ask({ name: 'scanKeys', range });
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

  async #ask<T>(call: VaultCall): Promise<T> {
    if (this.#closed) throw this.#fault('was closed', false);
    const thread = this.#thread ?? (await this.begin());
    return (await this.#post(thread, call)) as T;
  }

  #post(thread: Worker, call: VaultCall): Promise<unknown> {
    this.#last += 1;
    const asked: VaultAsked = { id: this.#last, call };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      thread.ref();
      thread.postMessage(asked);
    });
  }

  #settle(answered: VaultAnswered): void {
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    // While it closes, its end is waited for.
    if (this.#waiting.size === 0 && !this.#closed) this.#thread?.unref();
    if ('failure' in answered) waiting?.reject(errorOf(answered.failure));
    else waiting?.resolve(answered.value);
  }

  #ended(thread: Worker): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): Fault {
    return this.#fault('is in a thread that has ended', true);
  }

  #fault(what: string, retryable: boolean): Fault {
    const message = `The vault folder ${this.#folder} ${what}.`;
    return new Fault('vault_failed', message, { retryable, subject: this.#folder });
  }
}

/** Threads take no loader of TypeScript: where the sources run as they are (tests, benches), the thread is the compiled one. */
function startThread(workerData: VaultThreadData): Worker {
  const compiled = import.meta.url.endsWith('.js') ? './' : '../../../dist/server/openings/';
  return new Worker(new URL(`${compiled}vault-worker.js`, import.meta.url), { workerData });
}
