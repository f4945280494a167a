import type { Certificate, ServiceReference } from '../../src/verifier/certificate-document.js';
import { rootsOf } from '../../src/verifier/decision-inputs.js';
import type {
  AttemptEntry,
  DecisionEntry,
  Genesis,
  LogEntry,
  OutcomeEntry,
} from '../../src/verifier/log-entry.js';
import { beginLog } from '../../src/verifier/log-fold.js';
import type { LogMemory } from '../../src/verifier/log-memory.js';
import { genesis } from '../unit/log/entries.js';

/** The memory of a log that has only begun. */
export function begunLog(): LogMemory {
  const memory = beginLog(genesis as Genesis);
  if ('code' in memory) throw new Error(memory.code);
  return memory;
}

const state = rootsOf(begunLog().state);

/** A service that the state does not have: nothing but chains and spans is looked at. */
export const serviceAt = (rank: number): ServiceReference => ({
  service: `s${rank}`,
  version: '1.0.0',
  contract: '0'.repeat(64),
});

export interface Decided {
  readonly id: string;
  /** Of the entry, and of the decision where that is another; in microseconds. */
  readonly time: number;
  readonly decidedAt?: number;
  /** Length of the chain; 0: refused. */
  readonly services: number;
  readonly deadlineMicros: number;
}

/** A decision that has what the fold reads of one, on the state of a log that has only begun. */
export function decided({ id, time, decidedAt = time, services, deadlineMicros }: Decided): DecisionEntry {
  const chain = Array.from({ length: services }, (_, rank) => serviceAt(rank));
  const outcome =
    services === 0
      ? { decision: 'refused' }
      : { decision: 'routed', chain, promise: { deadline_micros: deadlineMicros } };
  const inputs = { time: decidedAt, state, caller: { method: 'jwt' } };
  const certificate = { id, inputs, outcome } as unknown as Certificate;
  return { type: 'caio/entry/v1', kind: 'decision', time, certificate };
}

export const attempted = (decision: string, rank: number, time: number): AttemptEntry => ({
  type: 'caio/entry/v1',
  kind: 'attempt',
  time,
  decision,
  rank,
  service: serviceAt(rank),
});

export const ended = (decision: string, rank: number, time: number): OutcomeEntry => ({
  ...attempted(decision, rank, time),
  kind: 'outcome',
  measured: { result: 'aborted', latency_micros: 1 },
  verdicts: [],
});

export type ExecutionEntry = Extract<LogEntry, { kind: 'decision' | 'attempt' | 'outcome' }>;
