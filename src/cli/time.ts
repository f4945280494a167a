import { parseTimestamp } from '../contracts/timestamp.js';
import { CommandFailure } from './failure.js';

/** RFC 3339 text, or an integer of microseconds since the epoch, to microseconds. Finer than one is refused: it could not be kept. */
export function parseTime(text: string, option: string): number {
  const micros = /^\d{1,16}$/.test(text) ? Number(text) : parseTimestamp(text);
  if (micros !== undefined && Number.isSafeInteger(micros) && micros >= 0) return micros;
  throw new CommandFailure(
    'usage',
    `${option} ${text} is not a time.`,
    [],
    'Write 2026-03-01T12:00:00Z, or microseconds since the epoch.',
  );
}
