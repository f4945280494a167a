import { describe, expect, it } from 'vitest';
import { formatDecimal, formatMicro, parseDecimal } from '../../../src/kernel/micro.js';

describe('parseDecimal to six places is exact', () => {
  it.each<[text: string, micro: number]>([
    ['0', 0],
    ['-0', 0],
    ['0.0', 0],
    ['0e999999999999', 0],
    ['1', 1_000_000],
    ['+1', 1_000_000],
    ['-1.5', -1_500_000],
    ['0.05', 50_000],
    ['0.000001', 1],
    ['0.0000010', 1],
    ['1e-3', 1_000],
    ['1E-6', 1],
    ['5E2', 500_000_000],
    ['5e+2', 500_000_000],
    ['0.1', 100_000],
    ['0.3', 300_000],
    ['1.005', 1_005_000],
    ['4.35', 4_350_000],
    ['9007199254.740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254.740991', -Number.MAX_SAFE_INTEGER],
    ['9007199254740991e-6', Number.MAX_SAFE_INTEGER],
    [`0.${'0'.repeat(1_000)}1e1001`, 1_000_000],
    [`1${'0'.repeat(1_000)}e-1000`, 1_000_000],
  ])('%s', (text, micro) => {
    const result = parseDecimal(text, 6);
    expect(result).toEqual({ ok: true, value: micro });
    expect(Object.is(result.ok && result.value, micro)).toBe(true);
  });
});

describe('parseDecimal to six places refuses', () => {
  it.each(
    [
      '',
      ' 1',
      '1 ',
      '.5',
      '5.',
      '01',
      '-01',
      '1e',
      '1e+',
      '--1',
      '1_000',
      '0x10',
      'NaN',
      'Infinity',
      '1,5',
      '١',
      '1.2.3',
    ].map((text) => [text]),
  )('%j as no number', (text) => {
    expect(parseDecimal(text, 6)).toEqual({ ok: false, error: 'not_a_number' });
  });

  it.each([
    ['9007199254.740992'],
    ['-9007199254.740992'],
    ['9007199254.740993'],
    ['1e10'],
    ['1e999999999'],
    ['1e99999999999999999999999999'],
    ['9007199254.7409911'],
    ['1e300'],
    [`1e${'9'.repeat(10_000)}`],
  ])('%s as too large', (text) => {
    expect(parseDecimal(text, 6)).toEqual({ ok: false, error: 'too_large' });
  });

  it.each([
    ['0.0000001'],
    ['0.00000100001'],
    ['1e-7'],
    ['1e-999999999'],
    ['9007199254.7409901'],
    ['0.1234567'],
    ['1.0000000000000000000000001'],
  ])('%s as too fine', (text) => {
    expect(parseDecimal(text, 6)).toEqual({ ok: false, error: 'too_fine' });
  });
});

describe('other units', () => {
  it('an integer may be written in any way', () => {
    expect(parseDecimal('5E2', 0)).toEqual({ ok: true, value: 500 });
    expect(parseDecimal('-5.0', 0)).toEqual({ ok: true, value: -5 });
    expect(parseDecimal('9007199254740991', 0)).toEqual({ ok: true, value: Number.MAX_SAFE_INTEGER });
    expect(parseDecimal('9007199254740992', 0)).toEqual({ ok: false, error: 'too_large' });
    expect(parseDecimal('0.5', 0)).toEqual({ ok: false, error: 'too_fine' });
  });

  it('milliseconds become microseconds with three places', () => {
    expect(parseDecimal('2000.5', 3)).toEqual({ ok: true, value: 2_000_500 });
    expect(parseDecimal('0.0005', 3)).toEqual({ ok: false, error: 'too_fine' });
  });
});

describe('formatMicro writes the shortest exact decimal', () => {
  it.each<[micro: number, text: string]>([
    [0, '0'],
    [-0, '0'],
    [1, '0.000001'],
    [-1, '-0.000001'],
    [50_000, '0.05'],
    [1_000_000, '1'],
    [10_000_000, '10'],
    [-1_500_000, '-1.5'],
    [Number.MAX_SAFE_INTEGER, '9007199254.740991'],
  ])('%i is %s', (micro, text) => {
    expect(formatMicro(micro)).toBe(text);
  });

  it('and of other units', () => {
    expect(formatDecimal(2_000_500, 3)).toBe('2000.5');
    expect(formatDecimal(500, 0)).toBe('500');
  });
});
