import type { AttemptOutcome, ExecutionResult } from '../../gateway/port.js';
import { Defect } from '../../kernel/errors.js';
import { entryType, type Measured } from '../../log/entry.js';
import type { Recorded } from './decide-and-record.js';
import type { DecisionPorts } from './ports.js';

export interface Execution {
  readonly payload: unknown;
  readonly stream: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls the services of a recorded decision, with every attempt durable before its payload leaves (INV-CAIO-LOG-0003) and every outcome
 * recorded after it. Rejects with the log's faults; nothing is sent then.
 */
export function executeRecorded(
  ports: DecisionPorts,
  { decision }: Recorded,
  execution: Execution,
): Promise<ExecutionResult> {
  const { id, outcome } = decision.certificate;
  if (outcome.decision === 'refused') throw new Defect('internal', 'a refusal is not executed');
  const { log, clock, metrics } = ports;
  let riding = true;
  return ports.execute(decision, execution, {
    attempt: async (rank, service) => {
      // The first one is durable with the decision itself.
      const recorded = riding && rank === 0;
      riding = riding && rank !== 0;
      if (recorded) return;
      const time = clock.wallMicros();
      await log.appendEvents([{ type: entryType, kind: 'attempt', time, decision: id, rank, service }]);
    },
    outcome: async (rank, ended) => {
      const service = outcome.chain[rank];
      if (service === undefined) throw new Defect('internal', `no service has rank ${rank}`);
      const measured = measuredOf(ended);
      metrics.attempted(measured);
      const time = clock.wallMicros();
      await log.appendEvents([
        { type: entryType, kind: 'outcome', time, decision: id, rank, service, measured, verdicts: [] },
      ]);
    },
  });
}

/** Messages stay out of the log: they may quote what a service said. */
export function measuredOf(ended: AttemptOutcome): Measured {
  switch (ended.kind) {
    case 'answered':
      return {
        result: ended.status < 400 ? 'answered' : 'rejected',
        latency_micros: whole(ended.latencyMicros),
        first_byte_micros: whole(ended.firstByteMicros),
        status: ended.status,
        answer_bytes: ended.answerBytes,
        ...(ended.usage === undefined ? {} : { tokens: ended.usage }),
      };
    case 'failed':
      return {
        result: 'failed',
        latency_micros: whole(ended.latencyMicros),
        code: ended.code,
        ...(ended.status === undefined ? {} : { status: ended.status }),
      };
    case 'aborted':
      return { result: 'aborted', latency_micros: whole(ended.latencyMicros) };
    default:
      return ended satisfies never;
  }
}

const whole = (micros: number): number => Math.max(0, Math.round(micros));
