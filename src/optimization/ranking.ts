import { digestOf } from '../kernel/digest.js';

/** One service in the ranking: its position and Σ weight·term. */
export interface Ranked {
  readonly position: number;
  readonly total: number;
}

/**
 * The first `k` of `positions` by total, greatest first; equal totals by tie-break digest, least first (calculus 3.5). One pass finds the
 * k-th greatest total, so of n services only those at or above it are sorted, and only those that tie are digested.
 */
export function firstRanked(
  positions: Int32Array,
  totals: Float64Array,
  k: number,
  tieBreak: (position: number) => string,
): readonly Ranked[] {
  const least = leastOfBest(totals, k);
  const contenders: Ranked[] = [];
  for (let i = 0; i < totals.length; i += 1) {
    const total = totals[i] as number;
    if (total >= least) contenders.push({ position: positions[i] as number, total });
  }
  const digests = new Map<number, string>();
  const digest = (position: number) => {
    const known = digests.get(position) ?? tieBreak(position);
    digests.set(position, known);
    return known;
  };
  contenders.sort((a, b) => {
    if (a.total !== b.total) return b.total - a.total;
    const [left, right] = [digest(a.position), digest(b.position)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  return contenders.slice(0, k);
}

/** The k-th greatest of `totals`, or the least where there are not that many: insertion into a short sorted list. */
function leastOfBest(totals: Float64Array, k: number): number {
  const best = new Float64Array(k).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < totals.length; i += 1) {
    const total = totals[i] as number;
    if (total <= (best[k - 1] as number)) continue;
    let at = k - 1;
    while (at > 0 && (best[at - 1] as number) < total) {
      best[at] = best[at - 1] as number;
      at -= 1;
    }
    best[at] = total;
  }
  return best[k - 1] as number;
}

/** D("caio/tie-break/v1", [σ, request digest, service id]). */
export function tieBreakDigest(seed: number, requestDigest: string, service: string): string {
  return digestOf('caio/tie-break/v1', [seed, requestDigest, service]);
}
