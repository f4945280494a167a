import { Fault } from '../../kernel/errors.js';
import { leafHash } from '../../kernel/merkle.js';
import { parseBundle } from '../../log/tlog/entry-bundle.js';
import { tileWidth } from '../../log/tlog/tile.js';
import { bundlePath } from '../../log/tlog/tile-path.js';
import type { LogSource } from './log-source.js';

/** Entries in a row, as their canonical bytes. */
export interface EntryRun {
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  /** RFC 6962 leaf hashes of the same. */
  readonly leaves: readonly Uint8Array[];
}

/**
 * The entries of [from, to), bundle by bundle; the next bundle is fetched while one is worked on. Memory of two bundles. Nothing is verified but
 * the form of the bundles.
 */
export async function* readEntries(source: LogSource, from: number, to: number): AsyncGenerator<EntryRun> {
  let next = from < to ? readRun(source, from, to) : undefined;
  while (next !== undefined) {
    const run = await next;
    const after = run.first + run.entries.length;
    next = after < to ? readRun(source, after, to) : undefined;
    // It is awaited in the next round; until then a rejection is not unhandled.
    next?.catch(() => undefined);
    yield run;
  }
}

/** One entry. */
export async function readEntryBytesOf(source: LogSource, index: number): Promise<Uint8Array> {
  const run = await readRun(source, index, index + 1);
  return run.entries[0] as Uint8Array;
}

async function readRun(source: LogSource, first: number, to: number): Promise<EntryRun> {
  const index = Math.floor(first / tileWidth);
  const start = index * tileWidth;
  const width = Math.min(tileWidth, to - start);
  const name = { index, width };
  const bytes = await source.readBundle(name);
  const entries = bytes === undefined ? undefined : parseBundle(bytes, width);
  if (entries === undefined || !entries.ok) {
    const what = entries === undefined ? 'is not there' : entries.error.message;
    throw new Fault('storage_failed', `${bundlePath(name)} of ${source.place}: ${what}.`, {
      retryable: false,
      subject: source.place,
    });
  }
  const wanted = entries.value.slice(first - start);
  return { first, entries: wanted, leaves: wanted.map(leafHash) };
}
