import { digestFromBytes } from '../../kernel/digest.js';
import { Defect } from '../../kernel/errors.js';
import type { LogEntry } from '../../log/entry.js';
import { decodeEntry } from '../../log/entry-codec.js';
import { type Folded, fold } from '../../log/fold.js';
import { emptyFrontier, grow, rootOf } from '../../log/tlog/frontier.js';
import { CommandFailure } from '../failure.js';
import type { CommandIo } from '../io.js';
import type { LogSource } from '../log-source/log-source.js';
import { readEntries } from '../log-source/read-entries.js';
import { progressOf } from '../progress.js';

/** An entry where it stands, and the state before it; at index 0 there is none. */
export interface Step {
  readonly bytes: Uint8Array;
  readonly entry: LogEntry;
  readonly index: number;
  readonly before: Folded | undefined;
}

/**
 * Reads a log from its first entry to its last, folds it, and shows `visit` each step in order, waiting where it gives a promise. Everything that was visited hashes to the root that the
 * source names, or the walk ends with `verification_failed`; so nothing is to be reported before it has ended. Gives the last state. Memory of one
 * state and two bundles.
 */
export async function walkLog(
  source: LogSource,
  io: CommandIo,
  visit: (step: Step) => Promise<void> | void,
): Promise<Folded> {
  const { size, root } = await source.head();
  const progress = progressOf(io, `reading ${source.place}`, size);
  let frontier = emptyFrontier;
  let folded: Folded | undefined;
  try {
    for await (const { first, entries, leaves } of readEntries(source, 0, size)) {
      frontier = grow(frontier, leaves).frontier;
      for (const [i, bytes] of entries.entries()) {
        const step: Step = { bytes, entry: decodeEntry(bytes, first + i), index: first + i, before: folded };
        const pending = visit(step);
        if (pending !== undefined) await pending;
        folded = folding(step, source.place);
      }
      progress.at(first + entries.length);
    }
  } finally {
    progress.end();
  }
  const found = digestFromBytes(rootOf(frontier));
  if (folded !== undefined && found === root) return folded;
  throw new CommandFailure(
    'verification_failed',
    `The ${size} entries of ${source.place} hash to ${found}, not to the root ${root} of its checkpoint.`,
    [],
    'Something changed the log after it was written: caio log fsck and caio audit say more.',
  );
}

function folding({ before, entry, index }: Step, place: string): Folded {
  try {
    return fold(before, entry);
  } catch (cause) {
    if (!(cause instanceof Defect)) throw cause;
    throw new CommandFailure(
      'verification_failed',
      `Entry ${index} of ${place} cannot stand there: ${cause.message}.`,
    );
  }
}
