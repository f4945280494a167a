import { Worker } from 'node:worker_threads';
import type { DecisionChecker, DecisionTask, StateStep } from '../../auditor/decision-check.js';
import { Defect } from '../../kernel/errors.js';
import type { State } from '../../verifier/documents.js';
import type { LogFault } from '../../verifier/log-fault.js';
import type { FromWorker, ToWorker } from './worker-message.js';

interface Waiting {
  readonly resolve: (faults: readonly LogFault[]) => void;
  readonly reject: (cause: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/**
 * Checks decisions on threads of their own. All of them are told every change of state, so what one knows of a state (digests, rules that were
 * read) it keeps for all decisions that were made on it.
 */
export class WorkerPool implements DecisionChecker {
  readonly #threads: readonly Thread[];
  #next = 0;

  constructor(count: number) {
    this.#threads = Array.from({ length: count }, () => startThread());
  }

  begin(state: State): void {
    this.#tellAll({ kind: 'begin', state });
  }

  step(step: StateStep): void {
    this.#tellAll({ kind: 'step', step });
  }

  check(tasks: readonly DecisionTask[]): Promise<readonly LogFault[]> {
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new Defect('internal', 'a pool without threads');
    const thread = others.reduce(
      (least, other) => (other.waiting.size < least.waiting.size ? other : least),
      first,
    );
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage({ kind: 'check', id, tasks } satisfies ToWorker);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #tellAll(message: ToWorker): void {
    for (const { worker } of this.#threads) worker.postMessage(message);
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  const waiting = new Map<number, Waiting>();
  worker.on('message', ({ id, faults }: FromWorker) => {
    waiting.get(id)?.resolve(faults);
    waiting.delete(id);
  });
  const fail = (cause: unknown): void => {
    for (const each of waiting.values()) each.reject(cause);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Defect('internal', 'a thread of the audit ended')));
  return { worker, waiting };
}
