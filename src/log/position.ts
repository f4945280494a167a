import { Fault } from '../kernel/errors.js';
import { leafHash } from '../kernel/merkle.js';
import { AttemptCounts } from './attempt-counts.js';
import { DecisionIds } from './decision-ids.js';
import { decodeEntry } from './entry-codec.js';
import { type Folded, fold } from './fold.js';
import type { StoragePort } from './port.js';
import { readEntriesBytes } from './read-entry.js';
import { emptyFrontier, type Frontier, grow } from './tlog/frontier.js';

/** All that is needed to go on behind the first `frontier.size` entries. */
export interface Position {
  /** Absent before the first entry. */
  readonly folded: Folded | undefined;
  readonly frontier: Frontier;
  readonly attempts: AttemptCounts;
  readonly decided: DecisionIds;
}

export const beginning = (): Position => ({
  folded: undefined,
  frontier: emptyFrontier,
  attempts: new AttemptCounts(),
  decided: new DecisionIds(),
});

/** Entries that are read between two turns of the event loop. */
const pageEntries = 32;

/**
 * The position behind the first `to` entries, reached from `from` by reading, hashing and folding each of them; `from` is used up. Memory of one
 * state. `pause` is awaited every 32 entries; when it answers false, reading stops with `undefined`. Throws a Fault for an entry that is
 * missing or not readable, a Defect for one that cannot stand where it stands.
 */
export async function readOn(
  storage: StoragePort,
  from: Position,
  to: number,
  pause: () => Promise<boolean> = async () => true,
): Promise<Position | undefined> {
  let { folded, frontier } = from;
  while (frontier.size < to) {
    if (!(await pause())) return undefined;
    const leaves: Uint8Array[] = [];
    const end = Math.min(to, frontier.size + pageEntries);
    for (const [i, bytes] of (await readEntriesBytes(storage, frontier.size, end)).entries()) {
      const entry = decodeEntry(bytes, frontier.size + i);
      leaves.push(leafHash(bytes));
      folded = fold(folded, entry);
      from.attempts.count([entry]);
      from.decided.add([entry]);
    }
    frontier = grow(frontier, leaves).frontier;
  }
  return { ...from, folded, frontier };
}

/** The state of a position that has read an entry. */
export function foldedOf({ folded }: Position): Folded {
  if (folded !== undefined) return folded;
  throw new Fault('storage_failed', 'the log has no entries', { retryable: false });
}
