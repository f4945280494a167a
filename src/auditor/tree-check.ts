import { addToEdge, type FullTile, rootOfEdge } from '../verifier/log-edge.js';
import type { LogFault } from '../verifier/log-fault.js';
import { hashesOfTile, type TileName, tilePath, tilesOf } from '../verifier/log-tiles.js';
import { entryHash, sameBytes, treeHash } from '../verifier/log-tree.js';
import type { Progress } from './progress.js';
import type { LogSource } from './source.js';

/** A tile of hashes. */
type HashTile = TileName & { readonly level: number };

/** Hashes the entries of a bundle into the tree, and compares what the source has as tiles. Gives what is false. */
export async function hashBundle(
  progress: Progress,
  source: LogSource,
  bundle: TileName,
  entries: readonly Uint8Array[],
): Promise<LogFault[]> {
  const faults: LogFault[] = [];
  const { edge, target } = progress;
  const first = 256 * bundle.index;
  const lowest = { ...bundle, level: 0 };
  const stored = await hashesAt(source, lowest);
  if (stored === undefined) faults.push(tileFault(lowest, first));
  for (const [i, entry] of entries.entries()) {
    const hash = entryHash(entry);
    const known = stored?.[i];
    if (known !== undefined && !sameBytes(known, hash)) {
      const message = 'the entry is not the one whose hash is in its tile';
      faults.push({ code: 'entry_rewritten', index: first + i, message });
    }
    for (const tile of addToEdge(edge, hash)) faults.push(...(await fullTileFaults(source, tile, edge.size)));
    if (edge.size === target.since?.size) faults.push(...earlierRootFaults(progress));
  }
  return faults;
}

/** That the entries hash to the root, and the last tiles above the lowest level are the hashes of what is below them. */
export async function rootFaults({ edge, target }: Progress, source: LogSource): Promise<LogFault[]> {
  const faults: LogFault[] = [];
  for (const { level, index, width } of tilesOf(target.size)) {
    if (level === 'entries' || level === 0 || width === 256) continue;
    const name = { level, index, width };
    const hashes = await hashesAt(source, name);
    const right = edge.levels[level] ?? [];
    if (hashes === undefined || !sameHashes(hashes, right)) faults.push(tileFault(name, target.size));
  }
  if (!sameBytes(rootOfEdge(edge), target.root)) {
    const message = `the ${target.size} entries do not hash to the root of the checkpoint`;
    faults.push({ code: 'root_wrong', index: target.size, message });
  }
  return faults;
}

function earlierRootFaults({ edge, target: { since } }: Progress): LogFault[] {
  if (since === undefined || sameBytes(rootOfEdge(edge), since.root)) return [];
  const message = `the first ${since.size} entries are not those of the earlier checkpoint: one was changed, dropped, put in or moved`;
  return [{ code: 'earlier_root_wrong', index: since.size, message }];
}

/** Full tiles of the lowest level were compared entry by entry. */
async function fullTileFaults(source: LogSource, tile: FullTile, size: number): Promise<LogFault[]> {
  if (tile.level === 0) return [];
  const name = { level: tile.level, index: tile.index, width: 256 };
  const hashes = await hashesAt(source, name);
  const right = hashes !== undefined && sameHashes(hashes, tile.hashes);
  return right ? [] : [tileFault(name, size)];
}

async function hashesAt(source: LogSource, name: HashTile): Promise<readonly Uint8Array[] | undefined> {
  const bytes = await source.readTile(name);
  return bytes?.length === 32 * name.width ? hashesOfTile(name, bytes) : undefined;
}

function sameHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && sameBytes(treeHash(a), treeHash(b));
}

function tileFault(name: TileName, index: number): LogFault {
  return { code: 'tile_wrong', index, message: `${tilePath(name)} is missing or not what is below it` };
}
