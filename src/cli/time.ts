import { CommandFailure } from './failure.js';

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * RFC 3339 text, or an integer of microseconds since the epoch, to microseconds. More than six digits of a second are
 * refused: they could not be kept.
 */
export function parseTime(text: string, option: string): number {
  if (/^\d{1,16}$/.test(text)) {
    const micros = Number(text);
    if (Number.isSafeInteger(micros)) return micros;
  }
  const match = rfc3339.exec(text);
  const seconds =
    match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${match[4]}`.toUpperCase());
  if (match === null || Number.isNaN(seconds)) {
    throw new CommandFailure(
      'usage',
      `${option} ${text} is not a time.`,
      [],
      'Write 2026-03-01T12:00:00Z, or microseconds since the epoch.',
    );
  }
  return seconds * 1000 + Number((match[3] ?? '').padEnd(6, '0'));
}
