import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, isDate, parseTimestamp } from '../../../src/contracts/timestamp.js';

describe('an RFC 3339 instant', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['1985-04-12T23:20:50.52Z', 482_196_050_520_000],
    ['1996-12-19T16:39:57-08:00', 851_042_397_000_000],
    ['1937-01-01T12:00:27.87+00:20', -1_041_337_172_130_000],
    ['2026-01-31t12:00:00z', 1_769_860_800_000_000],
    ['2000-02-29T00:00:00.1234560000Z', 951_782_400_123_456],
    ['2255-06-05T23:47:34.740991Z', 2 ** 53 - 1],
  ])('%s is %i µs', (text, micros) => expect(parseTimestamp(text)).toBe(micros));

  it.each([
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-01-31 12:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.0000001Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+0100',
    '2255-06-05T23:47:34.740992Z',
    '9999-12-31T23:59:59Z',
    '٢026-01-01T00:00:00Z',
    `2026-01-01T00:00:00.${'0'.repeat(100)}Z`,
  ])('%s is none', (text) => expect(parseTimestamp(text)).toBeUndefined());

  it('comes back from its text, and agrees with Date to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 53 - 1), max: 2 ** 53 - 1 }), (micros) => {
        const text = formatTimestamp(micros);
        expect(parseTimestamp(text)).toBe(micros);
        expect(Math.floor(micros / 1_000)).toBe(Date.parse(text));
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});

describe('a day', () => {
  it('is one of the calendar', () => {
    expect(['2024-02-29', '2000-02-29', '2026-12-31'].every(isDate)).toBe(true);
    expect(['2026-02-29', '2026-00-10', '2026-1-1', '2026-04-31', ' 2026-01-01'].some(isDate)).toBe(false);
  });
});
