import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Fault } from '../kernel/errors.js';
import { newClaimToken } from './claimed-folder.js';
import type { FolderFaults } from './folder-faults.js';
import {
  type Answered,
  type Asked,
  type CloseCall,
  errorOf,
  type Opened,
  type ThreadData,
} from './thread-messages.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * A store in a thread of its own (ADR-0008): whoever asks waits for the disk, nobody else does. A call costs about 50 µs more than in the
 * thread of the caller. When the thread has ended, whoever waits gets a retryable Fault, and the next call starts another one.
 */
export class StoreThread<Call> {
  readonly #module: URL;
  readonly #faults: FolderFaults;
  readonly #waiting = new Map<number, Waiting>();
  /** Claims the folder for whichever thread is at work: one that ended without letting go does not lock out the next. */
  readonly #token = newClaimToken();
  #thread: Worker | undefined;
  #beginning: Promise<Worker> | undefined;
  #last = 0;
  #closed = false;

  /** `module` is what the thread runs: it calls `serveStore`. */
  constructor(module: URL, faults: FolderFaults) {
    this.#module = module;
    this.#faults = faults;
  }

  /** Resolves when the thread has the store; rejects with what keeps it from it. */
  begin(): Promise<Worker> {
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async #begin(): Promise<Worker> {
    const workerData: ThreadData = { folder: this.#faults.folder, token: this.#token };
    const thread = new Worker(this.#module, { workerData });
    // What a thread dies of is said by its end: whoever waits is told then.
    thread.on('error', () => undefined);
    const first = await new Promise<Opened | undefined>((resolve) => {
      thread.once('message', resolve);
      thread.once('exit', () => {
        resolve(undefined);
        this.#ended(thread);
      });
    });
    if (first === undefined) throw this.#gone();
    if ('failure' in first) throw errorOf(first.failure);
    thread.on('message', (answered: Answered) => this.#settle(answered));
    // A process that has nothing else to do may end: what was acknowledged is on the disk.
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  /** What the store answers to the call. Memory in `transfer` is the thread's from then on. */
  async ask<T>(call: Call, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    this.refuseWhenClosed();
    const thread = this.#thread ?? (await this.begin());
    return (await this.#post(thread, call, transfer)) as T;
  }

  refuseWhenClosed(): void {
    if (this.#closed) throw this.#faults.refusal('was closed');
  }

  /** Closes the store and ends the thread; again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = once(thread, 'exit');
    await this.#post(thread, { name: 'close' });
    await ended;
  }

  #post(thread: Worker, call: Call | CloseCall, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    this.#last += 1;
    const asked: Asked<Call> = { id: this.#last, call };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      thread.ref();
      thread.postMessage(asked, [...transfer]);
    });
  }

  #settle(answered: Answered): void {
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
    return this.#faults.passing('is in a thread that has ended');
  }
}

/**
 * The compiled module `name` beside the one at `here`, which is in `folder` of the sources. Threads take no loader of TypeScript: where the sources
 * run as they are (tests, benches), the thread is the compiled one all the same.
 */
export function threadModule(here: string, folder: string, name: string): URL {
  if (here.endsWith('.js')) return new URL(`./${name}.js`, here);
  const up = folder.split('/').map(() => '..');
  return new URL(`${up.join('/')}/../dist/${folder}/${name}.js`, here);
}
