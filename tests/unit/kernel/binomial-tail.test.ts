import { describe, expect, it } from 'vitest';
import { isTailWithin } from '../../../src/kernel/binomial-tail.js';
import { Random } from '../../generators/random.js';
import { seed } from '../../support/seed.js';

/** divisor · Σ C(n,k)·aᵏ·(10⁶−a)ⁿ⁻ᵏ ≤ 10⁶ⁿ, term by term, nothing left out. */
function bySum(n: number, x: number, ppm: number, divisor: bigint): boolean {
  const a = BigInt(ppm);
  let sum = 0n;
  let choices = 1n;
  for (let k = 0; k <= n; k += 1) {
    if (k >= x) sum += choices * a ** BigInt(k) * (1_000_000n - a) ** BigInt(n - k);
    choices = (choices * BigInt(n - k)) / BigInt(k + 1);
  }
  return divisor * sum <= 1_000_000n ** BigInt(n);
}

describe('the tail of a binomial distribution', () => {
  it('is compared as the plain sum is, for every x of small n', () => {
    let cases = 0;
    for (const ppm of [0, 1, 10_000, 50_000, 300_000, 500_000, 999_999, 1_000_000]) {
      for (let n = 0; n <= 24; n += 1) {
        for (let x = 0; x <= n + 1; x += 1) {
          for (const divisor of [1n, 2n, 3n, 200n, 10n ** 9n]) {
            const told = `n ${n}, x ${x}, ppm ${ppm}, divisor ${divisor}`;
            expect(isTailWithin(n, x, ppm, divisor), told).toBe(bySum(n, x, ppm, divisor));
            cases += 1;
          }
        }
      }
    }
    console.log(`binomial tails: ${cases} cases`);
  });

  it('is compared as the plain sum is where n is larger and x is close to where the answer turns', () => {
    const random = new Random(seed, 1);
    for (let i = 0; i < 150; i += 1) {
      const n = random.integer(25, 220);
      const ppm = random.pick([1, 7, 10_000, 50_000, 123_457, 500_000, 990_000]);
      const spread = Math.sqrt((n * ppm * (1e6 - ppm)) / 1e12);
      const x = Math.min(n, Math.max(0, Math.round((n * ppm) / 1e6 + spread * random.integer(-1, 6))));
      const divisor = random.pick([3n, 200n, 8_000n, 10n ** 7n]);
      const told = `seed ${seed}: n ${n}, x ${x}, ppm ${ppm}, divisor ${divisor}`;
      expect(isTailWithin(n, x, ppm, divisor), told).toBe(bySum(n, x, ppm, divisor));
    }
  });

  it('has its edges: nothing is at least 0, p = 0 never happens, p = 1 always does', () => {
    expect(isTailWithin(0, 0, 500_000, 2n)).toBe(false);
    expect(isTailWithin(10, 0, 0, 2n)).toBe(false);
    expect(isTailWithin(10, 1, 0, 10n ** 30n)).toBe(true);
    expect(isTailWithin(10, 10, 1_000_000, 2n)).toBe(false);
    expect(isTailWithin(10, 11, 1_000_000, 10n ** 30n)).toBe(true);
    expect(isTailWithin(10, 0, 0, 1n)).toBe(true);
    // 2⁻¹⁰ is 1/1024.
    expect([1024n, 1025n].map((divisor) => isTailWithin(10, 10, 500_000, divisor))).toEqual([true, false]);
  });

  it('turns once as x grows, also for 100,000 trials', () => {
    const least = (n: number, ppm: number, divisor: bigint) => {
      let [low, high] = [Math.floor((n * ppm) / 1e6), n];
      while (low + 1 < high) {
        const middle = (low + high) >> 1;
        if (isTailWithin(n, middle, ppm, divisor)) high = middle;
        else low = middle;
      }
      return high;
    };
    // The normal distribution puts 1/4000 at 3.48 deviations, 68.9 of 100,000 at 5 %: about 5,240.
    expect(least(100_000, 50_000, 4_000n)).toBe(5_243);
    expect(least(1_000, 50_000, 4_000n)).toBe(77);
  }, 60_000);
});
