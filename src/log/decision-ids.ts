import type { DecisionEntry, LogEntry } from './entry.js';
import { indexFolder } from './index-rows.js';
import type { StoragePort } from './port.js';

const mostRemembered = 65_536;

/**
 * Which decisions the log has, so that none stands there twice (log calculus section 3.2). Times of one process never repeat, those of two
 * can: the same request with the same seed, decided by both in the same microsecond on the same state, is the same decision. Its id covers
 * its time, so only decisions of that time have to be looked at: the last ones are remembered here, and one that is not later than what was
 * forgotten is looked up in the store.
 */
export class DecisionIds {
  readonly #most: number;
  readonly #times = new Map<string, number>();
  /** The latest time of a decision that was forgotten. */
  #horizon: number;
  #latest: number;

  /** `before`: the latest time of the decisions that are in the log already and not given to `add`. */
  constructor(before = -1, most = mostRemembered) {
    this.#most = most;
    this.#horizon = before;
    this.#latest = before;
  }

  /** The latest time of a decision in the log, microseconds since the epoch; -1 before the first. */
  get latest(): number {
    return this.#latest;
  }

  /** Entries that are in the log from now on. */
  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'decision') continue;
      const { id, inputs } = entry.certificate;
      this.#times.set(id, inputs.time);
      this.#latest = Math.max(this.#latest, inputs.time);
    }
    for (const [id, time] of this.#times) {
      if (this.#times.size <= this.#most) return;
      this.#times.delete(id);
      this.#horizon = Math.max(this.#horizon, time);
    }
  }

  /** Whether the log has a decision of that id. Reads the store for an old one only; what is read holds up to the head known here. */
  async has({ certificate: { id, inputs } }: DecisionEntry, storage: StoragePort): Promise<boolean> {
    if (this.#times.has(id)) return true;
    if (inputs.time > this.#horizon) return false;
    return (await storage.readIndex(`${indexFolder.decision}${id}`)) !== undefined;
  }
}
