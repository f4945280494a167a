/**
 * Entries a second that the log takes, at batches of 1, 100 and 1000 entries of about 1.5 KB, by store: commits one after the other, each durable
 * before the next (memory is the ceiling: what hashing, encoding and indexing cost without a disk). `sync` is the share of a commit that a bare
 * write and fdatasync of the same bytes takes, measured in turn with the commits of the same run: it says how much of the figure is the disk's.
 *
 * Read back and checked against the root before it counts. `--quick` measures less; `--folder DIR` puts the stores there (default: the
 * system's folder for temporary files, which must be on a disk for the figures to mean anything).
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../src/contracts/certificate.js';
import { leafHash } from '../src/kernel/merkle.js';
import { batchOf } from '../src/log/batch.js';
import { lmdbStorage } from '../src/log/drivers/lmdb.js';
import { memoryStorage } from '../src/log/drivers/memory.js';
import { type DecisionEntry, entryType } from '../src/log/entry.js';
import { encodeEntry } from '../src/log/entry-codec.js';
import type { Batch, StoragePort } from '../src/log/port.js';
import { headOf } from '../src/log/published.js';
import { readEntryBytes } from '../src/log/read-entry.js';
import { emptyFrontier, type Frontier, grow } from '../src/log/tlog/frontier.js';

const quick = process.argv.includes('--quick');
const folderAt = process.argv.indexOf('--folder');
const base = folderAt === -1 ? tmpdir() : (process.argv[folderAt + 1] as string);
const seconds = quick ? 0.5 : 3;

/** A decision of the size that real ones have, with what the log reads of it. */
function entry(n: number): DecisionEntry {
  const id = n.toString(16).padStart(64, '0');
  const inputs = { caller: { tenant: 'acme' }, time: n, state: { as_of: 1 }, filler: 'x'.repeat(1_290) };
  const outcome = { decision: 'routed', selected: { service: `service-${n % 10}` } };
  const certificate = { id, inputs, outcome } as unknown as Certificate;
  return { type: entryType, kind: 'decision', time: n, certificate };
}

interface Measured {
  readonly entries: number;
  readonly commits: number;
  readonly seconds: number;
  readonly syncSeconds: number;
}

async function measure(store: StoragePort, size: number, folder: string): Promise<Measured> {
  let frontier: Frontier = emptyFrontier;
  let commits = 0;
  let took = 0;
  let syncing = 0;
  const file = openSync(join(folder, 'bare'), 'w');
  while (took + syncing < seconds * 1e3) {
    const entries = Array.from({ length: size }, (_, i) => entry(frontier.size + i));
    const started = performance.now();
    const { batch, frontier: after } = batchOf(entries, frontier);
    const result = await store.commit(frontier.size === 0 ? undefined : headOf(frontier), batch);
    took += performance.now() - started;
    if (result !== 'committed') throw new Error(result);
    frontier = after;
    commits += 1;
    syncing += bareSync(file, batch);
  }
  closeSync(file);
  await check(store, frontier);
  return { entries: frontier.size, commits, seconds: took / 1e3, syncSeconds: syncing / 1e3 };
}

/** Milliseconds to write the bytes of a batch to a file and have the disk take them. */
function bareSync(file: number, batch: Batch): number {
  const bytes = Buffer.concat(batch.blobs.map((blob) => blob.bytes));
  const started = performance.now();
  writeSync(file, bytes);
  fdatasyncSync(file);
  return performance.now() - started;
}

/** What was counted is there, hash for hash. */
async function check(store: StoragePort, frontier: Frontier): Promise<void> {
  let again = emptyFrontier;
  for (let index = 0; index < frontier.size; index += 1) {
    again = grow(again, [leafHash(await readEntryBytes(store, index))]).frontier;
  }
  const head = await store.readHead();
  if (head?.root !== headOf(again).root) throw new Error('what was written is not what is there');
}

const row = (...cells: readonly (string | number)[]) =>
  console.log(cells.map((cell, i) => String(cell).padStart(i === 0 ? 7 : 12)).join(''));

console.log(
  `${cpus()[0]?.model ?? 'cpu'}, ${cpus().length} cores, Node ${process.version}, stores in ${base}`,
);
console.log(`entries of ${encodeEntry(entry(1)).length} bytes`);
row('store', 'batch', 'entries/s', 'commits/s', 'ms/commit', 'sync');
for (const name of ['lmdb', 'memory'] as const) {
  for (const size of [1, 100, 1000]) {
    const folder = mkdtempSync(join(base, 'caio-bench-'));
    const store = name === 'lmdb' ? await lmdbStorage(join(folder, 'log')) : memoryStorage();
    const { entries, commits, seconds: took, syncSeconds } = await measure(store, size, folder);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
    const share = name === 'lmdb' ? (syncSeconds / took).toFixed(2) : '';
    row(
      name,
      size,
      Math.round(entries / took),
      Math.round(commits / took),
      ((took / commits) * 1e3).toFixed(2),
      share,
    );
  }
}
