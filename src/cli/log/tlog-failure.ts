import type { TileReader } from '../../log/tlog/tile-reader.js';
import type { TlogResult } from '../../log/tlog/tlog-error.js';
import { treeRoot } from '../../log/tlog/tree-root.js';
import { CommandFailure } from '../failure.js';

/** The value, or the failure of a command: what a log gave is not what it should be, or what was asked for is not there. */
export function orFailure<T>(result: TlogResult<T>, what: string): T {
  if (result.ok) return result.value;
  const { code, message } = result.error;
  throw new CommandFailure(
    code === 'range_invalid' ? 'usage' : 'verification_failed',
    `${what}: ${message}.`,
  );
}

/** MTH of the first `size` entries. Reads two tiles a level at most. */
export async function rootAt(tiles: TileReader, size: number): Promise<Uint8Array> {
  return orFailure(await treeRoot(tiles, size), `the root at size ${size}`);
}
