/** Time as an input. `wallMicros` is microseconds since the epoch; `monotonicMicros` is good for differences only. */
export interface Clock {
  wallMicros(): number;
  monotonicMicros(): number;
}

export const systemClock: Clock = {
  wallMicros: () => Date.now() * 1000,
  monotonicMicros: () => Math.floor(performance.now() * 1000),
};

/**
 * A clock whose wall time never repeats and never goes back. Two decisions of one instance so have two times, hence two ids even
 * where requests, callers and seeds are the same.
 */
export function strictlyRising(clock: Clock): Clock {
  let last = 0;
  return {
    wallMicros: () => {
      last = Math.max(clock.wallMicros(), last + 1);
      return last;
    },
    monotonicMicros: () => clock.monotonicMicros(),
  };
}
