import { Worker } from 'node:worker_threads';
import type { FolderFaults } from './folder-faults.js';
import {
  type Answered,
  type Asked,
  type CloseCall,
  errorOf,
  opening,
  type ThreadData,
} from './thread-messages.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

/** One thread with a store, from its start to its end. Whoever waits for it when it ends is rejected with a retryable Fault. */
export class RunningThread<Call> {
  readonly #worker: Worker;
  readonly #faults: FolderFaults;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #last = opening;
  #alive = true;
  #closing = false;
  /** What it dies of, where that is known. */
  #cause: Error | undefined;

  private constructor(worker: Worker, faults: FolderFaults) {
    this.#worker = worker;
    this.#faults = faults;
    worker.on('message', (answered: Answered) => this.#settle(answered));
    worker.on('error', (cause: Error) => {
      this.#cause = cause;
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end();
        resolve();
      });
    });
  }

  /** Resolves when the thread has the store; rejects with what keeps it from it. */
  static async start<Call>(
    module: URL,
    data: ThreadData,
    faults: FolderFaults,
  ): Promise<RunningThread<Call>> {
    let worker: Worker;
    try {
      worker = new Worker(module, { workerData: data });
    } catch (cause) {
      throw faults.from(cause, 'was given no thread');
    }
    const thread = new RunningThread<Call>(worker, faults);
    await new Promise((resolve, reject) => thread.#waiting.set(opening, { resolve, reject }));
    return thread;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** What the store answers. Memory in `transfer` is the thread's from then on. */
  async ask(call: Call | CloseCall, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (!this.#alive) throw this.#gone();
    this.#last += 1;
    const asked: Asked<Call> = { id: this.#last, call };
    // What cannot pass between threads throws here: nobody is to wait for the answer to it.
    this.#worker.postMessage(asked, [...transfer]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      this.#worker.ref();
    });
  }

  /** Closes the store; resolves when the thread has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.ask({ name: 'close' });
    await this.#ended;
  }

  #settle(answered: Answered): void {
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    // A process that has nothing else to do may end: what was acknowledged is on the disk. The end of one that closes is waited for.
    if (this.#waiting.size === 0 && !this.#closing) this.#worker.unref();
    if ('failure' in answered) waiting?.reject(errorOf(answered.failure));
    else waiting?.resolve(answered.value);
  }

  #end(): void {
    this.#alive = false;
    for (const { reject } of this.#waiting.values()) reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): Error {
    const what = 'is in a thread that has ended';
    return this.#cause === undefined ? this.#faults.passing(what) : this.#faults.from(this.#cause, what);
  }
}
