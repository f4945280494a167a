import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicro, parseDecimal } from '../../../src/kernel/micro.js';
import { seed } from '../../support/seed.js';

const units = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -2_000_000, max: 2_000_000 }),
  fc.integer({ min: 0, max: 1_000 }).map((less) => Number.MAX_SAFE_INTEGER - less),
);

/** Decimal texts of every shape: long and short mantissas, with and without exponent. */
const decimal = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 24n }),
    fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 12 })),
    fc.option(fc.integer({ min: -30, max: 30 })),
  )
  .map(([sign, whole, fraction, exponent]) => ({
    text: `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    digits: BigInt(`${whole}${fraction ?? ''}`) * (sign === '-' ? -1n : 1n),
    exponent: (exponent ?? 0) - (fraction?.length ?? 0),
  }));

describe('parseDecimal to six places', () => {
  it('inverts formatMicro', () => {
    fc.assert(
      fc.property(units, (micro) => {
        expect(parseDecimal(formatMicro(micro), 6)).toEqual({ ok: true, value: micro });
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('agrees with exact rational arithmetic on every decimal text', () => {
    const seen = { ok: 0, too_large: 0, too_fine: 0 };
    fc.assert(
      fc.property(decimal, ({ text, digits, exponent }) => {
        const shift = exponent + 6;
        const numerator = shift >= 0 ? digits * 10n ** BigInt(shift) : digits;
        const denominator = shift >= 0 ? 1n : 10n ** BigInt(-shift);
        const magnitude = numerator < 0n ? -numerator : numerator;
        const result = parseDecimal(text, 6);
        const expected =
          magnitude > BigInt(Number.MAX_SAFE_INTEGER) * denominator
            ? 'too_large'
            : numerator % denominator !== 0n
              ? 'too_fine'
              : Number(numerator / denominator);
        expect(result.ok ? result.value : result.error, text).toBe(expected);
        seen[result.ok ? 'ok' : (result.error as 'too_large' | 'too_fine')] += 1;
      }),
      { seed, numRuns: 5_000 },
    );
    expect(Math.min(seen.ok, seen.too_large, seen.too_fine)).toBeGreaterThan(100);
  });
});
