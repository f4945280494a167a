const million = 1_000_000;

/**
 * Whether divisor · P[Bin(n, p) ≥ x] ≤ 1, decided in exact integers; p = ppm / 10⁶. `n` and `x` are counts up to 2³², `ppm` is from 0 to
 * 10⁶, `divisor` at least 1.
 *
 * With x ≤ n·p the answer is found at once: the median of the distribution is at least ⌊n·p⌋ (Kaas and Buhrman 1980), so the
 * probability is ½ or more. Otherwise the terms from x on fall faster than a geometric series, which bounds those not yet
 * summed: the sum stops as soon as both bounds of it are on one side. Cost: numbers of up to 20·n bits; powers by squaring, then
 * one product and one quotient by a small number for each term that is needed (n = 100,000: about a second where the answer is close).
 */
export function isTailWithin(n: number, x: number, ppm: number, divisor: bigint): boolean {
  if (x <= 0 || ppm === million) return x > n || divisor <= 1n;
  if (x > n || ppm === 0) return true;
  if (x * million <= n * ppm && divisor > 2n) return false;
  const common = greatestCommonDivisor(ppm, million);
  return isSumWithin(n, x, ppm / common, million / common, divisor);
}

/** divisor · Σ C(n,k)·aᵏ·(d−a)ⁿ⁻ᵏ ≤ dⁿ, over k from x to n. */
function isSumWithin(n: number, x: number, a: number, d: number, divisor: bigint): boolean {
  const b = d - a;
  const most = power(BigInt(d), n) / divisor;
  let term = combinations(n, x) * power(BigInt(a), x) * power(BigInt(b), n - x);
  let sum = term;
  for (let k = x; k < n; k += 1) {
    if (sum > most) return false;
    // Each term is at most rise/fall of the one before, and so is each after it: together at most rise/(fall − rise) of this one.
    const rise = (n - k) * a;
    const fall = (k + 1) * b;
    if (rise < fall && sum + (term * BigInt(rise)) / BigInt(fall - rise) <= most) return true;
    term = (term * BigInt(rise)) / BigInt(fall);
    sum += term;
  }
  return sum <= most;
}

/** n over k: two products of halves and one quotient. */
function combinations(n: number, k: number): bigint {
  const few = Math.min(k, n - k);
  return product(n - few + 1, n) / product(1, few);
}

/** from · (from + 1) · … · to, by halves, so that factors of one size meet. */
function product(from: number, to: number): bigint {
  if (from > to) return 1n;
  if (from === to) return BigInt(from);
  const middle = Math.floor((from + to) / 2);
  return product(from, middle) * product(middle + 1, to);
}

function power(base: bigint, exponent: number): bigint {
  if (exponent === 0) return 1n;
  const root = power(base, Math.floor(exponent / 2));
  return exponent % 2 === 0 ? root * root : root * root * base;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
