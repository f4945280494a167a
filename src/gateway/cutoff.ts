import { Fault } from '../kernel/errors.js';

/** setTimeout takes no more; longer deadlines are cut off here (24.8 days). */
const longestMillis = 2 ** 31 - 1;

/**
 * What may end an attempt from outside: the caller leaving, or a deadline. `signal` aborts with a Fault as its reason, and
 * with the first cause only.
 */
export class Cutoff {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #onCaller = () => this.#controller.abort(callerGone());
  #timer: NodeJS.Timeout | undefined;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    if (caller.aborted) this.#onCaller();
    else caller.addEventListener('abort', this.#onCaller, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The Fault it was aborted with. */
  get fault(): Fault | undefined {
    return this.signal.aborted ? (this.signal.reason as Fault) : undefined;
  }

  get callerLeft(): boolean {
    return this.fault?.code === 'caller_gone';
  }

  /** Aborts after so many microseconds from now, instead of the deadline before. */
  in(micros: number, service: string): void {
    clearTimeout(this.#timer);
    const millis = Math.min(Math.max(0, Math.ceil(micros / 1000)), longestMillis);
    this.#timer = setTimeout(() => this.#controller.abort(deadlineMissed(service)), millis);
  }

  /** Must be called at the end: it lets go of the timer and of the caller's signal. */
  release(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onCaller);
  }
}

export function callerGone(): Fault {
  return new Fault('caller_gone', 'the caller left before the answer', { retryable: false });
}

export function deadlineMissed(service: string): Fault {
  return new Fault('upstream_timeout', 'the deadline passed before the answer', {
    retryable: true,
    subject: service,
  });
}
