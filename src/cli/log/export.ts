import { join } from 'node:path';
import { digestFromBytes, digestToBytes } from '../../kernel/digest.js';
import { leafHash } from '../../kernel/merkle.js';
import { proveConsistency, verifyConsistency } from '../../log/tlog/consistency.js';
import { parseBundle } from '../../log/tlog/entry-bundle.js';
import { emptyFrontier, type Frontier, grow, rootOf } from '../../log/tlog/frontier.js';
import { type Tile, tileAt, tileWidth } from '../../log/tlog/tile.js';
import { bundlePath, tilePath } from '../../log/tlog/tile-path.js';
import { hashesIn } from '../../log/tlog/tile-reader.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import { headIn } from '../log-source/claimed-head.js';
import type { LogSource } from '../log-source/log-source.js';
import { readIfThere, tilesSource } from '../log-source/tiles-source.js';
import { progressOf } from '../progress.js';
import { naturalOption } from './natural-option.js';
import { keepFile, type Written } from './tile-folder.js';
import { orFailure } from './tlog-failure.js';
import { type TrustedHead, trustedHead } from './trusted-head.js';

export interface ExportOptions {
  readonly from?: string;
  readonly to?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/**
 * Writes the log as C2SP tlog-tiles, in order: for each 256 entries their bundle and tile, then the tiles above, the checkpoint last. Entries are hashed and
 * compared with their tile before either is written; higher tiles are hashed from those below; the checkpoint is written only when all of it
 * comes to its root and an older checkpoint in the folder is its beginning. Resumed, it reads what is there instead of the source.
 */
export async function exportLog(
  source: LogSource,
  folder: string,
  options: ExportOptions,
  io: CommandIo,
): Promise<void> {
  const head = await trustedHead(source, options.key);
  const from = options.from === undefined ? 0 : naturalOption(options.from, '--from', head.size);
  const to = options.to === undefined ? head.size : naturalOption(options.to, '--to', head.size);
  const counts: Written = { written: 0, kept: 0 };
  const progress = progressOf(io, `exporting ${source.place}`, head.size);
  let frontier = emptyFrontier;
  try {
    for (let index = 0; tileWidth * index < head.size; index += 1) {
      const tile = tileAt(0, index, head.size) as Tile;
      const first = tileWidth * index;
      const hashes = await exportTile(source, folder, tile, counts);
      if (first < to && first + tile.width > from) await exportBundle(source, folder, tile, hashes, counts);
      frontier = await exportAbove(folder, frontier, hashes, counts);
      progress.at(first + tile.width);
    }
    await exportEdges(folder, frontier, counts);
  } finally {
    progress.end();
  }
  if (digestFromBytes(rootOf(frontier)) !== digestFromBytes(head.root)) {
    throw new CommandFailure(
      'verification_failed',
      `The tiles of ${source.place} do not hash to the root of its checkpoint.`,
      [],
      `${folder} has no checkpoint for them: remove what was written.`,
    );
  }
  await exportCheckpoint(folder, head);
  const report = {
    folder,
    size: head.size,
    root: digestFromBytes(head.root),
    entries: { from, to },
    ...counts,
  };
  const text = `${folder}: ${head.size} entries under ${report.root}; ${counts.written} files written, ${counts.kept} were there\n`;
  tell(io, options.json, report, text);
}

async function exportTile(
  source: LogSource,
  folder: string,
  tile: Tile,
  counts: Written,
): Promise<readonly Uint8Array[]> {
  const path = tilePath(tile);
  const bytes = (await readIfThere(join(folder, path))) ?? (await source.readTile(tile));
  if (bytes?.length !== 32 * tile.width) {
    throw new CommandFailure(
      'verification_failed',
      `${path} has ${bytes?.length ?? 'no'} bytes, not ${32 * tile.width}.`,
    );
  }
  await keepFile(folder, path, bytes, counts);
  return hashesIn(bytes);
}

async function exportBundle(
  source: LogSource,
  folder: string,
  { index, width }: Tile,
  hashes: readonly Uint8Array[],
  counts: Written,
): Promise<void> {
  const name = { index, width };
  const path = bundlePath(name);
  const bytes = (await readIfThere(join(folder, path))) ?? (await source.readBundle(name));
  if (bytes === undefined) throw new CommandFailure('verification_failed', `${path} is not there.`);
  const entries = orFailure(parseBundle(bytes, width), path);
  const odd = entries.findIndex((entry, i) => Buffer.compare(leafHash(entry), hashes[i] as Uint8Array) !== 0);
  if (odd !== -1) {
    throw new CommandFailure(
      'verification_failed',
      `Entry ${tileWidth * index + odd} of ${path} is not the one that was hashed.`,
    );
  }
  await keepFile(folder, path, bytes, counts);
}

async function exportAbove(
  folder: string,
  before: Frontier,
  hashes: readonly Uint8Array[],
  counts: Written,
): Promise<Frontier> {
  const { frontier, tiles } = grow(before, hashes);
  for (const { level, index, bytes } of tiles) {
    if (level > 0) await keepFile(folder, tilePath({ level, index, width: tileWidth }), bytes, counts);
  }
  return frontier;
}

/** The partial tiles of all levels but the lowest. */
async function exportEdges(folder: string, { size, edges }: Frontier, counts: Written): Promise<void> {
  for (const [level, edge] of edges.entries()) {
    if (level === 0 || edge.length === 0) continue;
    const index = Math.floor(size / tileWidth ** (level + 1));
    await keepFile(folder, tilePath({ level, index, width: edge.length }), Buffer.concat(edge), counts);
  }
}

async function exportCheckpoint(folder: string, head: TrustedHead): Promise<void> {
  const file = join(folder, 'checkpoint');
  const older = await readIfThere(file);
  if (older !== undefined) await checkOlder(folder, Buffer.from(older).toString(), head);
  await writeText(file, head.checkpoint);
}

async function checkOlder(folder: string, note: string, head: TrustedHead): Promise<void> {
  const older = headIn(note, folder);
  const tiles = tilesSource(folder);
  const proof = await proveConsistency(tiles, older.size, head.size);
  const grown = proof.ok
    ? verifyConsistency(older.size, head.size, digestToBytes(older.root), head.root, proof.value)
    : proof;
  if (grown.ok) return;
  throw new CommandFailure(
    'verification_failed',
    `The checkpoint of ${older.size} entries in ${folder} is not the beginning of this log of ${head.size}.`,
    [],
    'One of the two is another history: keep both, and find out who changed which.',
  );
}
