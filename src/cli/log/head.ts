import type { CommandIo } from '../io.js';
import { tell } from '../io.js';
import type { LogSource } from '../log-source/log-source.js';
import { headMembers, keyNote, trustedHead } from './trusted-head.js';

export interface HeadOptions {
  readonly key?: string;
  readonly json?: boolean;
}

/** The latest checkpoint, verified. In text it is the note itself, so that it can be kept; what was verified goes to standard error. */
export async function showHead(source: LogSource, options: HeadOptions, io: CommandIo): Promise<void> {
  const head = await trustedHead(source, options.key);
  if (options.json !== true) io.err(`${keyNote[head.keyFrom]}\n`);
  tell(io, options.json, { ...headMembers(head), checkpoint: head.checkpoint }, head.checkpoint);
}
