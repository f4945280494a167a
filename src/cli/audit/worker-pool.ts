import type { DecisionChecker, DecisionTask, StateStep } from '../../auditor/decision-check.js';
import { Defect } from '../../kernel/errors.js';
import type { State } from '../../verifier/documents.js';
import type { LogFault } from '../../verifier/log-fault.js';
import { AnsweringThread } from '../answering-thread.js';
import type { FromWorker, ToWorker } from './worker-message.js';

type Thread = AnsweringThread<ToWorker, FromWorker>;

/**
 * Checks decisions on threads of their own. All of them are told every change of state, so what one knows of a state (digests, rules that were
 * read) it keeps for all decisions that were made on it.
 */
export class WorkerPool implements DecisionChecker {
  readonly #threads: readonly Thread[];

  constructor(count: number) {
    this.#threads = Array.from(
      { length: count },
      () => new AnsweringThread(new URL('./worker.js', import.meta.url), 'a thread of the audit'),
    );
  }

  begin(state: State): void {
    this.#tellAll({ kind: 'begin', state });
  }

  step(step: StateStep): void {
    this.#tellAll({ kind: 'step', step });
  }

  async check(tasks: readonly DecisionTask[]): Promise<readonly LogFault[]> {
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new Defect('internal', 'a pool without threads');
    const thread = others.reduce((least, other) => (other.asked < least.asked ? other : least), first);
    return (await thread.ask((id) => ({ kind: 'check', id, tasks }))).faults;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #tellAll(message: ToWorker): void {
    for (const thread of this.#threads) thread.tell(message);
  }
}
