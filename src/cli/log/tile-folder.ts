import { dirname, join } from 'node:path';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import { readIfThere } from '../log-source/tiles-source.js';

/** Counts of an export. */
export interface Written {
  written: number;
  kept: number;
}

/**
 * A file of a folder of tiles that never changes: written where it is missing, by rename; what is there already has to be the same bytes. It is never
 * written over: a file that differs is damage or another log's, and `verification_failed` names it.
 */
export async function keepFile(
  folder: string,
  path: string,
  bytes: Uint8Array,
  counts: Written,
): Promise<void> {
  const file = join(folder, path);
  const found = await readIfThere(file);
  if (found === undefined) {
    await writeText(file, bytes);
    counts.written += 1;
  } else if (Buffer.compare(found, bytes) === 0) counts.kept += 1;
  else {
    throw new CommandFailure(
      'verification_failed',
      `${file} has other bytes than the log says.`,
      [],
      `Files of a log never change. Remove it if it is damaged; export elsewhere if ${dirname(folder)} is of another log.`,
    );
  }
}
