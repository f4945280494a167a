import { ok } from '../kernel/result.js';
import { breakerAuthor, mayHoldOut, mayRelease } from '../log/breaker.js';
import { type AvailabilityPut, entryType, type HistoryEpoch } from '../log/entry.js';
import { isDue, tableOf } from '../log/epoch.js';
import type { Folded } from '../log/fold.js';
import type { Log } from '../log/log.js';
import type { Clock } from './clock.js';

export interface HistoryKeeper {
  /** Looks whether anything is due, now or as soon as the look at hand is done. Never throws and is not waited for. */
  tend(): void;
  /** Resolves when no look is at hand. */
  idle(): Promise<void>;
  /** No more looks; waits for the one at hand. */
  stop(): Promise<void>;
}

export interface KeeperOptions<Snapshot> {
  readonly log: Log<Snapshot>;
  readonly clock: Pick<Clock, 'wallMicros'>;
  /** How often time is looked at; what follows from outcomes does not wait for it. */
  readonly everyMillis: number;
  /** Called with what kept the keeper from its work. It tries again at the next look. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * Closes the epochs that are due, and holds out and releases services by their breakers (log calculus sections 4.3 and 5). Several keepers
 * may tend one log: what is due is worked out on the state at which it is appended, so each entry stands once.
 */
export function historyKeeper<Snapshot>(options: KeeperOptions<Snapshot>): HistoryKeeper {
  const { log, clock, onFault } = options;
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    do {
      again = false;
      if (dueEntries(log.view.folded, clock.wallMicros()).length === 0) continue;
      const appended = await log.appendState(({ folded }) => ok(dueEntries(folded, clock.wallMicros())));
      if (!appended.ok) onFault(appended.error);
    } while (again && !stopped);
  };
  const tend = (): void => {
    again = true;
    if (stopped || running !== undefined) return;
    running = look()
      .catch(onFault)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tend, options.everyMillis);
  // The process may end while nobody asks it anything.
  timer.unref();
  return {
    tend,
    idle: async () => running,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** The state entries that may be appended to this log at `time`, because of what it says: the epoch first, then breakers by service. */
export function dueEntries(folded: Folded, time: number): readonly (HistoryEpoch | AvailabilityPut)[] {
  const { epoch, breakers, state, size } = folded;
  const { parameters } = state;
  const entries: (HistoryEpoch | AvailabilityPut)[] = [];
  if (isDue(epoch, parameters, time)) {
    const { digest, breaches } = tableOf(epoch);
    const { epoch: number, from } = epoch;
    entries.push({
      type: entryType,
      kind: 'history.epoch',
      time,
      epoch: number,
      from,
      to: size,
      digest,
      breaches,
    });
  }
  if (parameters.breaker === undefined) return entries;
  const put = { type: entryType, kind: 'availability.put', time, author: breakerAuthor } as const;
  for (const service of breakers.heldOut.keys()) {
    if (!mayRelease(breakers, service, parameters, time)) continue;
    entries.push({ ...put, service, state: 'available', reason: '' });
  }
  for (const [service, failures] of breakers.streaks) {
    if (!mayHoldOut(breakers, service, state)) continue;
    entries.push({ ...put, service, state: 'held_out', reason: `failed ${failures} times in a row` });
  }
  return entries;
}
