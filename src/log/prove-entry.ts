import { Fault } from '../kernel/errors.js';
import type { StoragePort } from './port.js';
import type { Published } from './published.js';
import { storedTiles } from './stored-tiles.js';
import { proveInclusion } from './tlog/inclusion.js';
import { formatTlogProof } from './tlog/tlog-proof.js';

/**
 * The C2SP tlog-proof of the entry at `index`, which is below the size of the checkpoint: where it stands, and all that shows it. Reads two
 * tiles a level at most. Rejects with a Fault when the store lacks what its head says it has.
 */
export async function proveEntry(
  storage: StoragePort,
  index: number,
  { size, checkpoint }: Pick<Published, 'size' | 'checkpoint'>,
): Promise<string> {
  const path = await proveInclusion(storedTiles(storage, size), index, size);
  if (path.ok) return formatTlogProof({ index, path: path.value, checkpoint });
  throw new Fault('storage_failed', `entry ${index} of ${size} cannot be proved: ${path.error.message}`, {
    retryable: false,
    subject: `entry ${index}`,
  });
}
