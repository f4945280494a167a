import type { Call, DecidedChain, ExecutionPorts, ExecutionResult } from '../../gateway/port.js';

/** Executes a routed decision; `executeDecision` of the gateway with its secrets and connections filled in. */
export type Executor = (
  decided: DecidedChain,
  call: Call,
  hooks: Pick<ExecutionPorts, 'attempt' | 'outcome'>,
) => Promise<ExecutionResult>;
