import { lmdbReading } from '../../log/drivers/lmdb-reading.js';
import { storedTiles } from '../../log/stored-tiles.js';
import { type CheckpointSigner, signCheckpoint } from '../../log/tlog/checkpoint.js';
import { CommandFailure } from '../failure.js';
import { rootAt } from '../log/tlog-failure.js';
import type { LogSource } from './log-source.js';

/**
 * The log in an LMDB folder, read beside whoever writes to it; it stays as it was when it was opened. Its checkpoints are signed by the server
 * and not stored, so here one is signed with `signer`, if there is one.
 */
export async function storeSource(folder: string, signer: CheckpointSigner | undefined): Promise<LogSource> {
  const store = await lmdbReading(folder);
  try {
    const head = await store.readHead();
    if (head === undefined) throw new CommandFailure('not_found', `The log in ${folder} has no entries yet.`);
    const tiles = storedTiles(store, head.size);
    return {
      place: folder,
      head: async () => head,
      checkpoint: async (size = head.size) => {
        if (signer !== undefined) return signCheckpoint(size, await rootAt(tiles, size), signer);
        const hint = 'Give the key with --sign FILE or --config caio.yaml, or ask the server: --server URL.';
        throw new CommandFailure(
          'usage',
          `The log in ${folder} is read without a key to sign a checkpoint with.`,
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
