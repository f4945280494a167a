import { Worker } from 'node:worker_threads';
import { Defect } from '../kernel/errors.js';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * A thread that is told things and asked questions by number, each of which it answers once. Whoever waits for it when it ends is told why, and so is
 * whoever asks it afterwards.
 */
export class AnsweringThread<Message, Answer extends { readonly id: number }> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #next = 0;
  #ended: { readonly cause: unknown } | undefined;

  /** `module` is what the thread runs, `data` what it finds as its workerData; `what` names it in the Defect when it ends by itself. */
  constructor(module: URL, what: string, data?: unknown) {
    this.#worker = new Worker(module, { workerData: data });
    this.#worker.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    this.#worker.on('error', (cause) => this.#end(cause));
    this.#worker.on('exit', () => this.#end(new Defect('internal', `${what} ended`)));
  }

  /** How many questions are not answered yet. */
  get asked(): number {
    return this.#waiting.size;
  }

  tell(message: Message): void {
    this.#worker.postMessage(message);
  }

  /** Rejects with what the thread died of, or with a Defect. */
  ask(question: (id: number) => Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended.cause);
        return;
      }
      const id = this.#next;
      this.#next += 1;
      this.#worker.postMessage(question(id));
      this.#waiting.set(id, { resolve, reject });
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(cause: unknown): void {
    this.#ended ??= { cause };
    for (const { reject } of this.#waiting.values()) reject(this.#ended.cause);
    this.#waiting.clear();
  }
}
