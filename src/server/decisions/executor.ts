import type { Call, DecidedChain, ExecutionPorts, ExecutionResult } from '../../gateway/port.js';

/** What is told of an execution while it runs. */
export type ExecutionHooks = Required<Pick<ExecutionPorts, 'attempt' | 'outcome' | 'resultSalt'>>;

/** Executes a routed decision; `executeDecision` of the gateway with its secrets and connections filled in. */
export type Executor = (decided: DecidedChain, call: Call, hooks: ExecutionHooks) => Promise<ExecutionResult>;
