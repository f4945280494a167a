/** What one client can make the server hold or wait for. Bytes and milliseconds. */
export interface Limits {
  readonly bodyBytes: number;
  /** Bodies that carry a payload: orchestrate and /v1. */
  readonly payloadBytes: number;
  readonly headerBytes: number;
  /** To receive a whole request. */
  readonly requestMillis: number;
  readonly keepAliveMillis: number;
  /** Values in one JSON body with a payload; a body without has the parser's own limit. */
  readonly payloadValues: number;
  /** How long `close` waits for answers under way before it cuts them off. */
  readonly drainMillis: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 256 * 1024,
  payloadBytes: 4 * 1024 * 1024,
  headerBytes: 16 * 1024,
  requestMillis: 30_000,
  keepAliveMillis: 72_000,
  payloadValues: 200_000,
  drainMillis: 10_000,
};
