import type { Certificate } from '../contracts/certificate.js';
import { Fault } from '../kernel/errors.js';

/** Microseconds: for clocks that differ, and for what is on its way into the log. */
const spanSlackMicros = 600_000_000;

/**
 * The last of the log's clock at which attempts and outcomes of this decision may still be appended (log calculus section 3.9), in microseconds since the
 * epoch. `clock`: the latest time of a decision in the log, this one included.
 */
export function spanEndOf({ outcome }: Certificate, clock: number): number {
  const deadline = outcome.decision === 'routed' ? outcome.promise.deadline_micros : 0;
  return clock + deadline + spanSlackMicros;
}

/** Of an attempt or an outcome that was not appended. */
export function spanOver(): Fault {
  const message = 'the log has gone on for longer than the deadline of the decision and ten minutes';
  return new Fault('upstream_timeout', message, { retryable: false });
}
