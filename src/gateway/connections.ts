import { Agent, type Dispatcher } from 'undici';

/** Connections to services, one pool an origin, kept between calls. */
export interface Connections {
  /** Follows no redirect, retries nothing. */
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

interface ConnectionLimits {
  /** Sockets per origin. */
  readonly perOrigin: number;
  readonly connectMillis: number;
}

export function openConnections(
  limits: ConnectionLimits = { perOrigin: 128, connectMillis: 10_000 },
): Connections {
  const agent = new Agent({
    connections: limits.perOrigin,
    // One request a socket at a time: a slow answer must not hold up another decision's call.
    pipelining: 1,
    connect: { timeout: limits.connectMillis },
    // Deadlines are ours (promise.deadline_micros), not those of the client library.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
  });
  return { dispatcher: agent, close: () => agent.close() };
}
