import type { Readable } from 'node:stream';
import type { Certificate, ServiceReference } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Fault, FaultCode } from '../kernel/errors.js';
import type { Connections } from './connections.js';
import type { Secrets } from './secrets.js';

/** What was decided: the certificate, and the contracts of its chain in the same order. */
export interface DecidedChain {
  readonly certificate: Certificate;
  readonly chain: readonly Contract[];
}

/** What is to be sent. `payload` is any JSON value; `signal` aborts when the caller leaves. */
export interface Call {
  readonly payload: unknown;
  /** The caller wants a stream of server-sent events. A service may still answer whole. */
  readonly stream: boolean;
  readonly signal: AbortSignal;
}

/** Tokens as the service reports them: its word, not checked. */
export interface Usage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cached_tokens?: number;
}

/** The bytes of an answer's body, as the service sent them, committed to. */
export interface AnswerCommitment {
  /** HMAC-SHA-256 under the salt, in hex. */
  readonly commitment: string;
  /** What the service says is its signature: not checked here. */
  readonly signature?: string;
}

/** How one transmission ended. Latencies are microseconds from just before the first byte was sent. */
export type AttemptOutcome =
  /** A whole answer in protocol. Status 4xx: the service refused this payload. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly latencyMicros: number;
      readonly firstByteMicros: number;
      readonly answerBytes: number;
      readonly usage?: Usage;
      /** Where there was a salt to commit with. */
      readonly result?: AnswerCommitment;
    }
  /** The service failed or missed a deadline: a miss. `begun`: part of the answer had reached the caller already. */
  | {
      readonly kind: 'failed';
      readonly code: FaultCode;
      readonly message: string;
      readonly status?: number;
      readonly latencyMicros: number;
      readonly begun: boolean;
    }
  /** The caller left: no trial. */
  | { readonly kind: 'aborted'; readonly latencyMicros: number }
  /** No byte of it left. */
  | { readonly kind: 'not_sent'; readonly latencyMicros: 0; readonly code?: FaultCode };

export interface Attempt {
  /** Index into the certified chain. */
  readonly rank: number;
  readonly service: ServiceReference;
  readonly outcome: AttemptOutcome;
}

/** An attempt that is durable. */
export interface RecordedAttempt {
  /** What the service is given to hold against the log: a signed note, as the header `x-caio-receipt` carries it (base64). */
  readonly receipt?: string;
}

export interface ExecutionPorts {
  /**
   * Called before every transmission, the first too; must resolve only when the attempt is durable.
   * A rejection stops the execution and is thrown on: nothing was sent.
   */
  attempt(rank: number, service: ServiceReference): Promise<RecordedAttempt>;
  /** Called once per attempt when it has ended; for a stream that is after its last byte. */
  outcome(rank: number, outcome: AttemptOutcome): Promise<void>;
  /** 32 random bytes under which the answer to this attempt is committed to; absent: it is not. */
  resultSalt?(rank: number): Uint8Array;
  readonly secrets: Secrets;
  /** Microseconds; only differences are used, so a monotonic clock is best. */
  now(): number;
  readonly connections: Connections;
}

export type ExecutionResult = Answered | NotAnswered;

export interface Answered {
  readonly kind: 'answered';
  /** 200, or the 4xx with which the service refused the payload. */
  readonly status: number;
  /** To pass on: content-type, and nothing that names the upstream. */
  readonly headers: { readonly [name: string]: string };
  /**
   * Bytes: the whole answer; for protocol `caio` the JSON of `result` alone. Readable: the service's server-sent events,
   * byte for byte; it errors with a Fault when the service dies or the deadline passes in mid-stream.
   */
  readonly body: Uint8Array | Readable;
  readonly protocol: Contract['api']['protocol'];
  /** Which service answered, and its place in the chain. */
  readonly rank: number;
  readonly service: ServiceReference;
  /** Every attempt that has ended by now, in order: all of them for bytes, the failed ones before it for a stream. */
  readonly attempts: readonly Attempt[];
  /**
   * All attempts, once the body has ended or broken and its outcome is recorded; for bytes it is resolved already.
   * Rejects only when `outcome` did.
   */
  readonly finished: Promise<readonly Attempt[]>;
}

export interface NotAnswered {
  readonly kind: 'failed';
  /** upstream_unreachable, upstream_failed, upstream_invalid, upstream_timeout, secret_unavailable or caller_gone: of the last attempt. */
  readonly fault: Fault;
  readonly attempts: readonly Attempt[];
}
