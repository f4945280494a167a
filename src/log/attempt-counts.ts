import type { LogEntry } from './entry.js';

/**
 * How many attempts the log has at each service: the number of the next one is one more (log calculus section 3.5). Not a part of the fold,
 * which shares and never changes: it is counted once for each entry, when that entry is known to be in the log.
 */
export class AttemptCounts {
  readonly #counts: Map<string, number>;

  constructor(counts: ReadonlyMap<string, number> = new Map()) {
    this.#counts = new Map(counts);
  }

  /** Counts entries that come next in the log. Gives the number of the first attempt among them. */
  count(entries: readonly LogEntry[]): { readonly attemptNumber?: number } {
    let first: number | undefined;
    for (const entry of entries) {
      const service = attemptedService(entry);
      if (service === undefined) continue;
      const number = (this.#counts.get(service) ?? 0) + 1;
      this.#counts.set(service, number);
      first ??= number;
    }
    return first === undefined ? {} : { attemptNumber: first };
  }

  /** Attempts so far, by service. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

function attemptedService(entry: LogEntry): string | undefined {
  if (entry.kind === 'attempt') return entry.service.service;
  return entry.kind === 'decision' ? entry.attempt?.service.service : undefined;
}
