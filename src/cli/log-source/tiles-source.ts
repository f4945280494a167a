import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../kernel/errors.js';
import { formatBundle, parseBundle } from '../../log/tlog/entry-bundle.js';
import { hashBytes, tileAt, tileWidth } from '../../log/tlog/tile.js';
import { type BundleName, bundlePath, tilePath } from '../../log/tlog/tile-path.js';
import { readText } from '../files.js';
import { headIn, latestOnly } from './claimed-head.js';
import type { LogSource } from './log-source.js';

/**
 * A folder as C2SP tlog-tiles lays it out: `checkpoint`, `tile/<level>/…`, `tile/entries/…`. A partial tile that is not there is the beginning of
 * a wider one: of that at the checkpoint's size, or of the full one.
 */
export function tilesSource(folder: string): LogSource {
  const checkpoint = () => readText(join(folder, 'checkpoint'), 'Checkpoint');
  const head = async () => headIn(await checkpoint(), folder);
  const widest = async (level: number, tile: BundleName, pathOf: (width: number) => string) => {
    const there = tileAt(level, tile.index, (await head()).size);
    for (const width of new Set([tile.width, there?.width ?? 0, tileWidth])) {
      const bytes = width < tile.width ? undefined : await readIfThere(join(folder, pathOf(width)));
      if (bytes !== undefined) return { width, bytes };
    }
    return undefined;
  };
  return {
    place: folder,
    checkpoint: async (size) => latestOnly(await checkpoint(), size, folder),
    head,
    readTile: async (tile) => {
      const found = await widest(tile.level, tile, (width) => tilePath({ ...tile, width }));
      return found?.bytes.subarray(0, hashBytes * tile.width);
    },
    readBundle: async (bundle) => {
      const found = await widest(0, bundle, (width) => bundlePath({ ...bundle, width }));
      return found === undefined || found.width === bundle.width
        ? found?.bytes
        : beginningOf(found, bundle.width);
    },
    close: async () => {},
  };
}

/** A bundle that is malformed is given whole: whoever parses it says what is wrong with it. */
function beginningOf(
  found: { readonly width: number; readonly bytes: Uint8Array },
  width: number,
): Uint8Array {
  const entries = parseBundle(found.bytes, found.width);
  if (!entries.ok) return found.bytes;
  const beginning = formatBundle(entries.value.slice(0, width));
  return beginning.ok ? beginning.value : found.bytes;
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
