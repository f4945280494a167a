import type { DecisionTask, StateStep } from '../../auditor/decision-check.js';
import type { State } from '../../verifier/documents.js';
import type { LogFault } from '../../verifier/log-fault.js';

/** What a worker is told, in log order. */
export type ToWorker =
  | { readonly kind: 'begin'; readonly state: State }
  | { readonly kind: 'step'; readonly step: StateStep }
  | { readonly kind: 'check'; readonly id: number; readonly tasks: readonly DecisionTask[] };

export interface FromWorker {
  readonly id: number;
  readonly faults: readonly LogFault[];
}
