import type { Random } from './random.js';

const edges = [0, 1, 2, 999_999, 1_000_000, 1_000_001, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 1e12];
const greatest = [2 ** 53 - 2, 2 ** 53 - 1];

/** An integer of [least, most], half of the time where arithmetic may go wrong. */
export function drawNumber(random: Random, least: number, most: number): number {
  if (random.chance(0.5)) {
    const within = [least, most, ...edges, ...greatest].filter((edge) => edge >= least && edge <= most);
    return random.pick(within);
  }
  return random.integer(least, random.chance(0.5) ? Math.min(most, least + 1_000) : most);
}

/** The number itself or next to it, within [least, most]: where "at most" and "less than" differ. */
export function drawNear(random: Random, target: number, least: number, most: number): number {
  const step = random.pick([0, 0, 0, 1, -1]);
  return Math.min(most, Math.max(least, target + step));
}
