import type { SourceDocument } from '../kernel/json.js';
import { parseDecimal } from '../kernel/micro.js';

/** Below this, rounding the product of the nearest double and 10^places cannot miss the integer: the error is under ½ (two roundings of 2^-53). */
const roundingIsExact = 2 ** 50;

/**
 * The number at `pointer`, written in human units, as an exact count of units of 10^-places. `value` is its double. Only for numbers that
 * `x-places` of the schema has let through: they are integer multiples of the unit, so the double identifies them up to 2^50 units and
 * the source text is asked beyond.
 */
export function exactUnits(document: SourceDocument, pointer: string, value: number, places: number): number {
  const units = Math.round(value * unitsOf(places));
  // Adding 0 turns -0 into 0.
  if (Math.abs(units) < roundingIsExact) return units + 0;
  const exact = parseDecimal(document.numberText(pointer) ?? String(value), places);
  return exact.ok ? exact.value : units;
}

/** 10^places by whole multiplications: exact below 2^53. */
function unitsOf(places: number): number {
  let units = 1;
  for (let i = 0; i < places; i += 1) units *= 10;
  return units;
}

/** An integer that the schema has let through: its double is exact, and only -0 is not as documents have it. */
export function plainCount(value: number): number;
export function plainCount(value: number | undefined): number | undefined;
export function plainCount(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value + 0;
}
