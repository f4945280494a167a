import { Fault } from '../kernel/errors.js';
import { leafHash } from '../kernel/merkle.js';
import type { LogEntry } from './entry.js';
import { decodeEntry } from './entry-codec.js';
import type { StoragePort } from './port.js';
import { headOf } from './published.js';
import { readEntriesBytes } from './read-entry.js';
import { type Frontier, grow } from './tlog/frontier.js';

/** Entries in one read of the store. */
const readAtOnce = 256;

/** What a store has behind a frontier, and the frontier behind that. */
export interface Behind {
  readonly entries: readonly LogEntry[];
  readonly frontier: Frontier;
}

/**
 * Reads and hashes the entries between a frontier and the head of the store. Rejects with a Fault `storage_failed` that no retry helps when the store
 * went back, or when its entries are others than those under the frontier and its head.
 */
export async function readBehind(storage: StoragePort, from: Frontier): Promise<Behind> {
  const head = await storage.readHead();
  const entries: LogEntry[] = [];
  const leaves: Uint8Array[] = [];
  const end = head?.size ?? 0;
  for (let start = from.size; start < end; start += readAtOnce) {
    const page = await readEntriesBytes(storage, start, Math.min(start + readAtOnce, end));
    for (const [i, bytes] of page.entries()) {
      leaves.push(leafHash(bytes));
      entries.push(decodeEntry(bytes, start + i));
    }
  }
  const { frontier } = grow(from, leaves);
  if (head?.size !== frontier.size || head.root !== headOf(frontier).root) {
    throw new Fault('storage_failed', `the entries are not those of the head at size ${head?.size}`, {
      retryable: false,
    });
  }
  return { entries, frontier };
}
