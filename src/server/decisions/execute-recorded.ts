import type { ExecutionResult } from '../../gateway/port.js';
import { Defect, Fault } from '../../kernel/errors.js';
import type { Recorded } from './decide-and-record.js';
import { ExecutionRecord } from './execution-record.js';
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
export async function executeRecorded(
  ports: DecisionPorts,
  recorded: Recorded,
  execution: Execution,
): Promise<ExecutionResult> {
  const { decision } = recorded;
  const { outcome } = decision.certificate;
  if (outcome.decision === 'refused') throw new Defect('internal', 'a refusal is not executed');
  const record = new ExecutionRecord(ports, recorded, outcome);
  let result: ExecutionResult;
  try {
    result = await ports.execute(decision, execution, record);
  } catch (error) {
    // The first cause is what is told; a log that is away is away for this entry too.
    await record.settle(error instanceof Fault ? error.code : undefined).catch(() => undefined);
    throw error;
  }
  await record.settle(codeOfFirst(result));
  return result;
}

/** Why the first service of the chain was not called, where it was not. */
function codeOfFirst(result: ExecutionResult) {
  const first = result.attempts.find(({ rank }) => rank === 0)?.outcome;
  if (first?.kind === 'not_sent') return first.code;
  return result.kind === 'failed' ? result.fault.code : undefined;
}
