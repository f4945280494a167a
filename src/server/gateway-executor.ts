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
    executeDecision(decided, call, { ...hooks, connections, secrets, now: () => clock.monotonicMicros() });
}
