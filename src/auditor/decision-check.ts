import type { HistoryRow, State } from '../verifier/documents.js';
import { Falsehood } from '../verifier/falsehood.js';
import { decisionFalsehood } from '../verifier/log-decision.js';
import type { StateEntry } from '../verifier/log-entry.js';
import { readLogEntry } from '../verifier/log-entry-shapes.js';
import type { LogFault } from '../verifier/log-fault.js';
import { stateAfter } from '../verifier/log-state.js';

/** A decision to check on the state that the steps before it have made. */
export interface DecisionTask {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly level: 2 | 3;
}

/** A change of state, in log order. `rows`: those of the epoch that a `history.epoch` closes. */
export interface StateStep {
  readonly index: number;
  readonly entry: StateEntry;
  readonly rows?: readonly HistoryRow[];
}

/** Checks decisions on states, perhaps elsewhere. Steps and checks are taken in the order in which they are given. */
export interface DecisionChecker {
  begin(state: State): void;
  step(step: StateStep): void;
  /** Resolves to what is false of them. */
  check(tasks: readonly DecisionTask[]): Promise<readonly LogFault[]>;
}

/** In this thread. */
export class LocalChecker implements DecisionChecker {
  #state: State | undefined;

  begin(state: State): void {
    this.#state = state;
  }

  step({ index, entry, rows }: StateStep): void {
    this.#state = stateAfter(this.#state, entry, index, rows);
  }

  check(tasks: readonly DecisionTask[]): Promise<readonly LogFault[]> {
    return Promise.resolve(tasks.flatMap((task) => this.faultsOf(task)));
  }

  faultsOf({ index, bytes, level }: DecisionTask): LogFault[] {
    const state = this.#state;
    try {
      const entry = readLogEntry(bytes);
      if (state === undefined || entry.kind !== 'decision') return [];
      const falsehood = decisionFalsehood(entry.certificate, state, level);
      if (falsehood === undefined) return [];
      const { code: detail, path, message } = falsehood;
      return [{ code: 'decision_wrong', index, message, decision: entry.certificate.id, detail, path }];
    } catch (error) {
      if (!(error instanceof Falsehood)) throw error;
      const { code: detail, path, message } = error;
      return [{ code: 'entry_malformed', index, message, detail, path }];
    }
  }
}
