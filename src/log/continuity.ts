import { Fault } from '../kernel/errors.js';
import type { StoragePort } from './port.js';
import { storedTiles } from './stored-tiles.js';
import type { Checkpoint } from './tlog/checkpoint.js';
import { sameHash } from './tlog/hash-list.js';
import { treeRoot } from './tlog/tree-root.js';

/**
 * Whether a store goes on from a checkpoint that was signed for it: it holds as many entries or more, and the first of them are the same
 * (`continues`); it holds fewer (`behind`); it holds others (`forked`).
 */
export type Continuity =
  | { readonly kind: 'continues' }
  | { readonly kind: 'behind'; readonly size: number }
  | { readonly kind: 'forked' };

/** Reads the head and log₂ size tiles. Rejects with the store's faults. */
export async function continuityOf(
  storage: StoragePort,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Promise<Continuity> {
  const head = await storage.readHead();
  const stored = head?.size ?? 0;
  if (stored < size) return { kind: 'behind', size: stored };
  const found = await treeRoot(storedTiles(storage, stored), size);
  if (!found.ok) throw new Fault('storage_failed', found.error.message, { retryable: false });
  return { kind: sameHash(found.value, root) ? 'continues' : 'forked' };
}
