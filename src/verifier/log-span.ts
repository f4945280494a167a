// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Certificate } from './certificate-document.js';
import type { DecisionMemory, LogMemory } from './log-memory.js';

/** How far the log's clock may go on over an execution beyond its deadline, in micros. */
const spanSlack = 600_000_000;

/** Sizes at which it is not worth to look. */
const leastLook = 1024;

/** Where the span of a decision ends at whose index, itself included, the log's clock is `clock`. */
export function spanEndOf({ outcome }: Certificate, clock: number): number {
  return clock + (outcome.decision === 'routed' ? outcome.promise.deadline_micros : 0) + spanSlack;
}

/** The decision of that id; one whose span is over is as if it had never stood there. */
export function decisionWithin({ decisions, clock }: LogMemory, id: string): DecisionMemory | undefined {
  const decision = decisions.get(id);
  return decision === undefined || clock > decision.spanEnd ? undefined : decision;
}

export function rememberDecision(memory: LogMemory, id: string, decision: DecisionMemory): void {
  const { decisions, clock } = memory;
  decisions.set(id, decision);
  memory.lookAt = forgetOver(decisions, memory.lookAt, ([, { spanEnd }]) => clock > spanEnd);
}

/** Removes what is over, once there are `lookAt` of them; gives the size at which to look the next time. Amortised constant for one more. */
export function forgetOver<Value>(
  kept: Map<string, Value>,
  lookAt: number,
  isOver: (each: readonly [id: string, value: Value]) => boolean,
): number {
  if (kept.size < lookAt) return lookAt;
  for (const each of kept) if (isOver(each)) kept.delete(each[0]);
  return Math.max(leastLook, kept.size + Math.ceil(kept.size / 4));
}
