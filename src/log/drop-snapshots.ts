import type { VerifierKey } from '../kernel/verifier-key.js';
import type { Drop, IndexRow, StoragePort } from './port.js';
import { editionAfter, editionRow, mostKept, readEdition, snapshotFolder } from './snapshot-keys.js';
import { blobsNamedBy } from './state-snapshot.js';
import { commitBeside } from './write-snapshot.js';

/** How often others may keep or drop snapshots meanwhile: who finds that each time leaves it to them. */
const mostRounds = 16;
/** Keys in one read, and in one commit: four megabytes of parts, so that appends do not wait for long. */
const keysInScan = 1000;
const keysInCommit = 64;

/**
 * Drops all snapshots but the latest `mostKept` that are whole, and every part that none of those names: what a kill left of one that was being
 * written, and what others are writing now, who find that when they name it. `pause` is awaited before each commit. Memory of one key a part.
 */
export async function dropOldSnapshots(
  storage: StoragePort,
  key: VerifierKey,
  pause: () => Promise<void>,
): Promise<void> {
  for (let round = 0; round < mostRounds; round += 1) {
    const edition = await readEdition(storage);
    if (await dropIn(storage, edition, await toDrop(storage, key), pause)) return;
  }
}

async function toDrop(storage: StoragePort, key: VerifierKey): Promise<Drop> {
  const blobs = await blobsThere(storage);
  const named = new Set<string>();
  const rows: string[] = [];
  let kept = 0;
  for await (const row of rowsFromLatest(storage)) {
    const names = kept < mostKept ? await blobsNamedBy(storage, row, key) : undefined;
    if (names === undefined || !names.every((name) => blobs.has(name))) rows.push(row.key);
    else {
      kept += 1;
      for (const name of names) named.add(name);
    }
  }
  return { rows, blobs: [...blobs].filter((name) => !named.has(name)) };
}

async function blobsThere(storage: StoragePort): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let after = '';
  for (;;) {
    const page = await storage.scanDroppable(after, keysInScan);
    for (const key of page) found.add(key);
    after = page.at(-1) ?? after;
    if (page.length < keysInScan) return found;
  }
}

async function* rowsFromLatest(storage: StoragePort): AsyncIterable<IndexRow> {
  const range = { folder: snapshotFolder, reverse: true, limit: keysInScan };
  let page = await storage.scanIndex(range);
  while (page.length > 0) {
    yield* page;
    page = await storage.scanIndex({ ...range, before: page.at(-1)?.key as string });
  }
}

/** False when the edition is another than when it was looked at what is there. */
async function dropIn(
  storage: StoragePort,
  edition: string | undefined,
  all: Drop,
  pause: () => Promise<void>,
): Promise<boolean> {
  let now = edition;
  for (const drop of pagesOf(all)) {
    await pause();
    const next = editionAfter(now);
    const onlyIf = { key: editionRow, value: now };
    if (!(await commitBeside(storage, { blobs: [], index: [next], drop, onlyIf }))) return false;
    now = next.value;
  }
  return true;
}

/** Rows first: one that is there names parts that are there. */
function* pagesOf({ rows, blobs }: Drop): Iterable<Drop> {
  for (let from = 0; from < rows.length + blobs.length; from += keysInCommit) {
    const to = from + keysInCommit;
    yield {
      rows: rows.slice(from, to),
      blobs: blobs.slice(Math.max(0, from - rows.length), Math.max(0, to - rows.length)),
    };
  }
}
