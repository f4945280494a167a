import { newClaimToken } from './claimed-folder.js';
import type { FolderFaults } from './folder-faults.js';
import { RunningThread } from './running-thread.js';

/**
 * A store in a thread of its own (ADR-0008): whoever asks waits for the disk, nobody else does. A call costs about 50 µs more than in the
 * thread of the caller. When the thread has ended, whoever waits gets a retryable Fault, and the next call starts another one: as many threads
 * as there are calls, at the most.
 */
export class StoreThread<Call> {
  readonly #module: URL;
  readonly #faults: FolderFaults;
  /** Claims the folder for whichever thread is at work: one that ended without letting go does not lock out the next. */
  readonly #token = newClaimToken();
  #thread: RunningThread<Call> | undefined;
  #beginning: Promise<RunningThread<Call>> | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;

  /** `module` is what the thread runs: it calls `serveStore`. */
  constructor(module: URL, faults: FolderFaults) {
    this.#module = module;
    this.#faults = faults;
  }

  /** The thread at work, or another one; rejects with what keeps it from the store. */
  async begin(): Promise<RunningThread<Call>> {
    if (this.#thread?.alive === true) return this.#thread;
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async #begin(): Promise<RunningThread<Call>> {
    const data = { folder: this.#faults.folder, token: this.#token };
    this.#thread = await RunningThread.start<Call>(this.#module, data, this.#faults);
    return this.#thread;
  }

  /** What the store answers to the call. Memory in `transfer` is the thread's from then on. */
  async ask<T>(call: Call, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    this.refuseWhenClosed();
    const thread = await this.begin();
    return (await thread.ask(call, transfer)) as T;
  }

  refuseWhenClosed(): void {
    if (this.#closed) throw this.#faults.refusal('was closed');
  }

  /**
   * Closes the store and ends the thread; again does nothing. The claim of a thread that died is taken up by another one, which lets go of it.
   * When that fails it rejects, and can be tried again.
   */
  close(): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#close().catch((cause: unknown) => {
      this.#closing = undefined;
      throw cause;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    const thread = await this.begin();
    await thread.close();
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
