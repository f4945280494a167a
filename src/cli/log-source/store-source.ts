import type { StoreReading } from '../../log/store-reading.js';
import { storedTiles } from '../../log/stored-tiles.js';
import { type CheckpointSigner, signCheckpoint } from '../../log/tlog/checkpoint.js';
import { CommandFailure } from '../failure.js';
import { rootAt } from '../log/tlog-failure.js';
import type { LogSource } from './log-source.js';

/**
 * The log in a store, read beside whoever writes to it; it stays as it was when it was opened. Its checkpoints are signed by the server
 * and not stored, so here one is signed with `signer`, if there is one. The store is closed with it.
 */
export async function storeSource(
  store: StoreReading,
  place: string,
  signer: CheckpointSigner | undefined,
): Promise<LogSource> {
  try {
    const head = await store.readHead();
    if (head === undefined) throw new CommandFailure('not_found', `The log in ${place} has no entries yet.`);
    const tiles = storedTiles(store, head.size);
    return {
      place,
      head: async () => head,
      checkpoint: async (size = head.size) => {
        if (signer !== undefined) return signCheckpoint(size, await rootAt(tiles, size), signer);
        const hint = 'Give the key with --sign FILE or --config caio.yaml, or ask the server: --server URL.';
        throw new CommandFailure(
          'usage',
          `The log in ${place} is read without a key to sign a checkpoint with.`,
          [],
          hint,
        );
      },
      ...tiles,
      close: () => store.close(),
    };
  } catch (cause) {
    await store.close();
    throw cause;
  }
}
