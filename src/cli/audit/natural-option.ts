import { CommandFailure } from '../failure.js';

/** A count or an index on the command line: 0, 1, 2, … */
export function naturalOption(text: string, option: string): number {
  const value = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new CommandFailure('usage', `${option} ${text} is not a natural number.`);
}
