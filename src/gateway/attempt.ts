import type { ServiceReference } from '../contracts/certificate.js';
import { Fault } from '../kernel/errors.js';
import type { AnswerLimits } from './answer-body.js';
import { Cutoff } from './cutoff.js';
import type {
  AnswerCommitment,
  Answered,
  Attempt,
  AttemptOutcome,
  Call,
  ExecutionPorts,
  Usage,
} from './port.js';
import { type Received, StatusFault, type Transmission, transmit } from './transmission.js';

interface AttemptScope {
  readonly rank: number;
  readonly service: ServiceReference;
  readonly transmission: Transmission;
  /** The attempts of this execution so far; this one is added when it has ended. */
  readonly attempts: Attempt[];
  readonly call: Call;
  readonly ports: ExecutionPorts;
  readonly limits: AnswerLimits;
}

/**
 * One attempt, from its durable record to its outcome. `remaining` gives what is left of the execution's deadline, `own`
 * bounds the wait for an answer (of a stream: for its first bytes); both in microseconds. Gives the answer, or the Fault
 * with which the attempt ended, its outcome recorded.
 */
export async function runAttempt(
  scope: AttemptScope,
  remaining: () => number,
  own: number | undefined,
): Promise<Answered | Fault> {
  const { rank, service, transmission, call, ports, limits } = scope;
  // INVARIANT(INV-CAIO-LOG-0003): durable before any byte leaves.
  const { receipt } = await ports.attempt(rank, service);
  const cutoff = new Cutoff(call.signal);
  cutoff.in(Math.min(remaining(), own ?? Number.POSITIVE_INFINITY), service.service);
  const clock = startClock(ports);

  const { dispatcher } = ports.connections;
  const salt = ports.resultSalt?.(rank);
  const withReceipt = receipt === undefined ? transmission : { ...transmission, receipt };
  const sent = transmit(withReceipt, dispatcher, cutoff, limits, salt, clock.markFirstByte);
  const received = await sent.catch(asFault);
  if (!(received instanceof Fault) && received.kind === 'stream') {
    cutoff.in(remaining(), service.service);
    const finished = finishStream(scope, received, cutoff, clock);
    return answered(scope, 200, received.contentType, received.body, finished);
  }

  cutoff.release();
  if (received instanceof Fault) {
    await end(scope, failure(received, clock, false));
    return received;
  }
  const { status, contentType, bytes, decoded, result } = received;
  await end(scope, success(status, bytes, decoded.usage, result, clock));
  return answered(scope, status, contentType, decoded.body, Promise.resolve(scope.attempts));
}

async function finishStream(
  scope: AttemptScope,
  { body, result }: Extract<Received, { readonly kind: 'stream' }>,
  cutoff: Cutoff,
  clock: Clock,
): Promise<readonly Attempt[]> {
  const ended = await body.ended;
  cutoff.release();
  switch (ended.kind) {
    case 'left':
      await end(scope, { kind: 'aborted', latencyMicros: clock.elapsed() });
      break;
    case 'broken':
      await end(scope, failure(ended.fault, clock, true));
      break;
    case 'complete': {
      const { protocol, service } = scope.transmission;
      const decoded = protocol.decode({ contentType: '', bytes: ended.tail, streamed: true });
      const outcome = decoded.ok
        ? success(200, body.bytes, decoded.value.usage, result(), clock)
        : failure(
            new Fault('upstream_invalid', decoded.error, { retryable: false, subject: service }),
            clock,
            true,
          );
      await end(scope, outcome);
      break;
    }
    default:
      ended satisfies never;
  }
  return scope.attempts;
}

async function end(scope: AttemptScope, outcome: AttemptOutcome): Promise<void> {
  scope.attempts.push({ rank: scope.rank, service: scope.service, outcome });
  await scope.ports.outcome(scope.rank, outcome);
}

interface Clock {
  readonly elapsed: () => number;
  readonly markFirstByte: () => void;
  readonly firstByte: () => number;
}

function startClock(ports: ExecutionPorts): Clock {
  const sent = ports.now();
  const elapsed = () => Math.max(0, ports.now() - sent);
  let firstByte = 0;
  return {
    elapsed,
    markFirstByte: () => {
      firstByte = elapsed();
    },
    firstByte: () => firstByte,
  };
}

function success(
  status: number,
  answerBytes: number,
  usage: Usage | undefined,
  result: AnswerCommitment | undefined,
  clock: Clock,
): AttemptOutcome {
  return {
    kind: 'answered',
    status,
    latencyMicros: clock.elapsed(),
    firstByteMicros: clock.firstByte(),
    answerBytes,
    ...(usage === undefined ? {} : { usage }),
    ...(result === undefined ? {} : { result }),
  };
}

function failure(fault: Fault, clock: Clock, begun: boolean): AttemptOutcome {
  const latencyMicros = clock.elapsed();
  if (fault.code === 'caller_gone') return { kind: 'aborted', latencyMicros };
  return {
    kind: 'failed',
    code: fault.code,
    message: fault.message,
    ...(fault instanceof StatusFault ? { status: fault.status } : {}),
    latencyMicros,
    begun,
  };
}

function answered(
  scope: AttemptScope,
  status: number,
  contentType: string,
  body: Answered['body'],
  finished: Answered['finished'],
): Answered {
  // Whoever does not wait for it must not crash on it: a failing outcome port has its own alarm.
  finished.catch(() => {});
  return {
    kind: 'answered',
    status,
    headers: { 'content-type': passable(contentType) },
    body,
    protocol: scope.transmission.protocolName,
    rank: scope.rank,
    service: scope.service,
    attempts: [...scope.attempts],
    finished,
  };
}

/** A content type that is fit to be a header of ours: visible ASCII, not long. */
function passable(contentType: string): string {
  return /^[\x20-\x7e]{1,200}$/.test(contentType) ? contentType : 'application/octet-stream';
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}
