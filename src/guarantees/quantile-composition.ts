/**
 * Latency of several services together, assuming no independence (union bound). A promise is (bound, miss): P(latency > bound) ≤ miss, with
 * miss ½, 0.05, 0.01, 0 (in ppm) for p50, p95, p99, max. What can be missed adds up; a quantile is promised where the sum stays within it.
 */
export interface LatencyPromise {
  readonly boundMicros: number;
  readonly missPpm: number;
}

/** One after the other: bounds add. The least total bound with at most `missPpm` to miss; `undefined` when there is none. */
export function sequenceLatency(
  members: readonly (readonly LatencyPromise[])[],
  missPpm: number,
): number | undefined {
  return leastBound(members, missPpm, (a, b) => a + b);
}

/** All at once, until the last is done: the greatest bound counts. */
export function parallelLatency(
  members: readonly (readonly LatencyPromise[])[],
  missPpm: number,
): number | undefined {
  return leastBound(members, missPpm, Math.max);
}

/** Fréchet's lower bound on all holding at once: max(0, Σa − (n−1)·10⁶). For availability and accuracy in sequence. */
export function frechetPpm(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.max(0, sum - (values.length - 1) * 1_000_000);
}

/** Over one promise per member: by what is missed so far, the least bound so far. Both joins grow with the bound, so the least suffices. */
function leastBound(
  members: readonly (readonly LatencyPromise[])[],
  missPpm: number,
  join: (a: number, b: number) => number,
): number | undefined {
  let reached = new Map([[0, 0]]);
  for (const promises of members) {
    const next = new Map<number, number>();
    for (const [missed, bound] of reached) {
      for (const promise of promises) {
        const sum = missed + promise.missPpm;
        if (sum > missPpm) continue;
        const joined = join(bound, promise.boundMicros);
        next.set(sum, Math.min(joined, next.get(sum) ?? joined));
      }
    }
    reached = next;
  }
  return reached.size === 0 ? undefined : Math.min(...reached.values());
}
