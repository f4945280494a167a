/** Longest time for which turns follow one another before the sockets are looked at, microseconds. */
const sliceMicros = 1_000;

/**
 * Requests have their turns in the order in which they ask, a millisecond's worth between two rounds of the event loop. libuv (since 1.45) accepts
 * one connection a round: were all that are ready worked off in one, hundreds of busy connections would make a round last a tenth of a second, and
 * who connects then would wait for seconds. Where nobody else waits, a turn comes in the same round.
 */
export function takeTurns(monotonicMicros: () => number, slice = sliceMicros): () => Promise<void> {
  /** Those whose turns are being taken, from `next` on, and behind them those who have asked since. */
  let first: (() => void)[] = [];
  let then: (() => void)[] = [];
  let next = 0;
  let running = false;

  const run = (): void => {
    const until = monotonicMicros() + slice;
    const step = (): void => {
      if (next === first.length) {
        [first, then, next] = [then, [], 0];
      }
      const turn = first[next];
      if (turn === undefined) {
        running = false;
        return;
      }
      next += 1;
      turn();
      // Behind the first stretch of what that turn does.
      queueMicrotask(() => {
        if (monotonicMicros() < until) step();
        else setImmediate(run);
      });
    };
    step();
  };

  return () =>
    new Promise((resolve) => {
      then.push(resolve);
      if (running) return;
      running = true;
      setImmediate(run);
    });
}
