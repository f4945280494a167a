import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../src/cli/time.js';

describe('a time on the command line', () => {
  it.each([
    ['2026-03-01T12:00:00Z', 1_772_366_400_000_000],
    ['2026-03-01T13:00:00.000001+01:00', 1_772_366_400_000_001],
    ['1772366400000000', 1_772_366_400_000_000],
    ['0', 0],
  ])('%s is %i µs', (text, micros) => expect(parseTime(text, '--now')).toBe(micros));

  it.each([
    ['2026-02-30T12:00:00Z'],
    ['2026-02-29T12:00:00Z'],
    ['2026-01-01T24:00:00Z'],
    ['2026-01-01T12:00:60Z'],
    ['2026-01-01T12:00:00.0000001Z'],
    ['1969-12-31T23:59:59Z'],
    ['9007199254740992'],
    ['2026-03-01'],
    ['-1'],
    [''],
  ])('%j is none, never another one', (text) => {
    expect(() => parseTime(text, '--now')).toThrow(/^--now .*is not a time/);
  });
});
