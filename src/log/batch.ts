import { leafHash } from '../kernel/merkle.js';
import type { LogEntry } from './entry.js';
import { encodeEntry } from './entry-codec.js';
import { type DecisionLookup, entryKey, indexRows } from './index-rows.js';
import type { Batch } from './port.js';
import { headOf } from './published.js';
import { treeBlobs } from './stored-tiles.js';
import { type Frontier, grow } from './tlog/frontier.js';

export interface Appending {
  readonly batch: Batch;
  /** The tree's right edge once the batch is committed. */
  readonly frontier: Frontier;
}

/**
 * The entries behind the frontier, with what they add to tree and index: all of it in one commit. `decided` knows the decisions before them to which
 * attempts and outcomes among them belong.
 */
export function batchOf(
  entries: readonly LogEntry[],
  before: Frontier,
  decided: DecisionLookup = () => undefined,
): Appending {
  const from = before.size;
  const blobs = entries.map((entry, i) => ({ key: entryKey(from + i), bytes: encodeEntry(entry) }));
  const growth = grow(
    before,
    blobs.map(({ bytes }) => leafHash(bytes)),
  );
  const batch = {
    head: headOf(growth.frontier),
    blobs: [...blobs, ...treeBlobs(growth)],
    index: entries.flatMap((entry, i) => indexRows(entry, from + i, decided)),
  };
  return { batch, frontier: growth.frontier };
}
