const ppm = 1_000_000;
const most = 2 ** 32;

/**
 * ⌊10⁶·x′ / (x′ + s)⌋ with x′ = min(max(x, 0), 2³²), for 0 < s ≤ 2³² (calculus §1.3): 0 at 0, ½ at s, towards 1 beyond, in ppm.
 * Exact in doubles: numerator and divisor together stay below 2⁵³, so the rounded quotient never reaches the next integer.
 */
export function sat(x: number, scale: number): number {
  const clamped = Math.min(Math.max(x, 0), most);
  return Math.floor((ppm * clamped) / (clamped + scale));
}
