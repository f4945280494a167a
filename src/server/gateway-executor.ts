import type { Connections } from '../gateway/connections.js';
import { executeDecision } from '../gateway/execution.js';
import type { Secrets } from '../gateway/secrets.js';
import type { Clock } from './clock.js';
import type { Executor } from './decisions/executor.js';

/** Executes through the gateway, with these connections and secrets. */
export function gatewayExecutor(
  connections: Connections,
  secrets: Secrets,
  clock: Pick<Clock, 'monotonicMicros'>,
): Executor {
  return (decided, call, hooks) =>
    executeDecision(decided, call, {
      attempt: (rank, service) => hooks.attempt(rank, service),
      outcome: (rank, outcome) => hooks.outcome(rank, outcome),
      resultSalt: (rank) => hooks.resultSalt(rank),
      connections,
      secrets,
      now: () => clock.monotonicMicros(),
    });
}
