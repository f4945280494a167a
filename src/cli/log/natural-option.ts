import { parseNatural } from '../../log/tlog/tree-size.js';
import { CommandFailure } from '../failure.js';

/** A count or an index on the command line: 0, 1, 2, … */
export function naturalOption(text: string, option: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = parseNatural(text);
  if (value !== undefined && value <= most) return value;
  const bound = most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`;
  throw new CommandFailure('usage', `${option} ${text} is not a whole number${bound}.`);
}

/** More threads than any machine has cores are a slip of the keyboard. */
export const jobsOption = (text: string): number => naturalOption(text, '--jobs', 1024);
