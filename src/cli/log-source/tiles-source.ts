import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../kernel/errors.js';
import { formatBundle, parseBundle } from '../../log/tlog/entry-bundle.js';
import { hashBytes, tileWidth } from '../../log/tlog/tile.js';
import { bundlePath, tilePath } from '../../log/tlog/tile-path.js';
import { readText } from '../files.js';
import type { LogSource } from './log-source.js';
import { headIn } from './claimed-head.js';

/**
 * A folder as C2SP tlog-tiles lays it out: `checkpoint`, `tile/<level>/…`, `tile/entries/…`. Where a partial tile is gone, it is the beginning
 * of the full one.
 */
export function tilesSource(folder: string): LogSource {
  const checkpoint = () => readText(join(folder, 'checkpoint'), 'Checkpoint');
  return {
    place: folder,
    checkpoint,
    head: async () => headIn(await checkpoint(), folder),
    readTile: async (tile) => {
      const found = await readIfThere(join(folder, tilePath(tile)));
      if (found !== undefined || tile.width === tileWidth) return found;
      const full = await readIfThere(join(folder, tilePath({ ...tile, width: tileWidth })));
      return full?.subarray(0, hashBytes * tile.width);
    },
    readBundle: async (bundle) => {
      const found = await readIfThere(join(folder, bundlePath(bundle)));
      if (found !== undefined || bundle.width === tileWidth) return found;
      const full = await readIfThere(join(folder, bundlePath({ ...bundle, width: tileWidth })));
      return full === undefined ? undefined : beginningOf(full, bundle.width);
    },
    close: async () => {},
  };
}

/** A full bundle that is malformed is given whole: whoever parses it says what is wrong with it. */
function beginningOf(full: Uint8Array, width: number): Uint8Array {
  const entries = parseBundle(full, tileWidth);
  if (!entries.ok) return full;
  const beginning = formatBundle(entries.value.slice(0, width));
  return beginning.ok ? beginning.value : full;
}

/** Bytes of a file; `undefined` when there is none. Fault `io_failed` for anything else. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Fault('io_failed', `${path} could not be read (${code ?? 'unknown cause'}).`, {
      retryable: false,
      subject: path,
      cause,
    });
  }
}
