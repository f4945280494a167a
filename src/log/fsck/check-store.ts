import { Defect, Fault } from '../../kernel/errors.js';
import { cosignedKey } from '../cosigned-row.js';
import type { LogEntry } from '../entry.js';
import { decodeEntry, encodeEntry } from '../entry-codec.js';
import { type Folded, fold } from '../fold.js';
import { entryKey } from '../index-rows.js';
import type { Head, IndexRow } from '../port.js';
import { readEntry } from '../read-entry.js';
import { readEdition, snapshotFolder } from '../snapshot-keys.js';
import { isSnapshotBlob } from '../state-snapshot.js';
import type { StoreReading } from '../store-reading.js';
import { isTreeBlob } from '../stored-tiles.js';
import { CosignedCheck } from './check-cosigned.js';
import { RowCheck } from './check-rows.js';
import { SnapshotCheck } from './check-snapshots.js';
import { TreeCheck } from './check-tree.js';
import { isRepairable, type Rewrite, type StoreFinding, type UnusedParts } from './finding.js';

export interface StoreCheck {
  /** Absent where it cannot be read. */
  readonly head: Head | undefined;
  /** Of its state snapshots. */
  readonly edition: string | undefined;
  readonly findings: readonly StoreFinding[];
  /** How the derived parts have to be; only where every entry is as it was hashed. */
  readonly rewrites: readonly Rewrite[];
  /** Parts of state snapshots that rewriting drops; absent where that is not known. */
  readonly unused: UnusedParts | undefined;
}

/** How many entries and rows are read at once. */
const run = 256;

/**
 * Reads everything in a store below its head: every entry is there, canonical, and may stand where it stands; hashes, tiles and root are those of the entries; rows
 * are those that the entries make; no blob belongs to nothing. So a changed bit in any value is found, but for the number of an edition. What a writer commits meanwhile is passed over.
 * Costs each entry read once and once more a row, a run at a time; memory of the state, of a run, of some facts a decision and of the findings.
 */
export async function checkStore(
  store: StoreReading,
  seen: (done: number, of: number) => void,
): Promise<StoreCheck> {
  const [head, edition] = [await readHead(store), await readEdition(store)];
  if (head === undefined) {
    const message = 'there is none, or it is not a size and a root';
    const findings = [{ code: 'head_unreadable', subject: 'head', message } as const];
    return { head, edition, findings, rewrites: [], unused: undefined };
  }
  const malformed = await malformations(store);
  if (malformed.length > 0) return { head, edition, findings: malformed, rewrites: [], unused: undefined };
  const [tree, rows] = [new TreeCheck(store), new RowCheck(store)];
  const entries = await checkEntries(store, head, tree, rows, (done) => seen(done, 2 * head.size));
  const ofTree = tree.result(head);
  const damaged = [...entries, ...ofTree.findings].filter(({ code }) => !isRepairable[code]);
  // Rows are made from entries: what a damaged entry says of them counts for nothing.
  const first = damaged.length === 0 ? await readEntry(store, 0) : undefined;
  const beside = { snapshots: new SnapshotCheck(store, first), cosigned: new CosignedCheck(store, first) };
  if (damaged.length === 0)
    await checkRows(store, head, { rows, ...beside }, (done) => seen(head.size + done, 2 * head.size));
  const strange = await strangeBlobs(store, head, beside.snapshots);
  const derived = [
    { ...ofTree, findings: ofTree.findings.filter(({ code }) => isRepairable[code]) },
    ...[rows, beside.snapshots, beside.cosigned],
  ];
  return {
    head,
    edition,
    findings: [...damaged, ...derived.flatMap((each) => each.findings), ...strange],
    unused: beside.snapshots.unused,
    rewrites: damaged.length === 0 ? derived.flatMap((each) => each.rewrites) : [],
  };
}

/** What is held against the rows of a store. */
interface RowChecks {
  readonly rows: RowCheck;
  readonly snapshots: SnapshotCheck;
  readonly cosigned: CosignedCheck;
}

async function readHead(store: StoreReading): Promise<Head | undefined> {
  const head = await store.readHead().catch((cause: unknown) => {
    if (cause instanceof Fault) return undefined;
    throw cause;
  });
  const { size, root } = head ?? {};
  return Number.isSafeInteger(size) && (size as number) > 0 && typeof root === 'string' ? head : undefined;
}

async function checkEntries(
  store: StoreReading,
  { size }: Head,
  tree: TreeCheck,
  rows: RowCheck,
  seen: (done: number) => void,
): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = [];
  let folded: Folded | undefined;
  for (let first = 0; first < size; first += run) {
    const keys = Array.from({ length: Math.min(run, size - first) }, (_, i) => entryKey(first + i));
    const found = await store.readBlobs(keys);
    await tree.add(found);
    for (const [i, bytes] of found.entries()) {
      const index = first + i;
      const entry = bytes === undefined ? undefined : wellFormed(bytes, index);
      if (entry === undefined) {
        findings.push(notThere(index, bytes));
      } else if (findings.length === 0) {
        const next = standing(folded, entry);
        if (typeof next === 'string') findings.push(damagedAt(index, 'entry_cannot_stand', next));
        else {
          folded = next;
          if (!hasRows(rows, entry, index))
            findings.push(damagedAt(index, 'entry_malformed', 'it lacks what entries of its kind have'));
        }
      }
    }
    await rows.compare();
    seen(first + found.length);
  }
  return findings;
}

function notThere(index: number, bytes: Uint8Array | undefined): StoreFinding {
  const code = bytes === undefined ? 'entry_missing' : 'entry_malformed';
  return damagedAt(index, code, 'no entry in its canonical form is there');
}

function damagedAt(index: number, code: StoreFinding['code'], message: string): StoreFinding {
  return { code, subject: `entry ${index}`, message };
}

function wellFormed(bytes: Uint8Array, index: number): LogEntry | undefined {
  try {
    const entry = decodeEntry(bytes, index);
    return Buffer.compare(encodeEntry(entry), bytes) === 0 ? entry : undefined;
  } catch (cause) {
    if (cause instanceof Fault || cause instanceof Defect) return undefined;
    throw cause;
  }
}

/** The state after the entry, or why it cannot stand there. An entry that lacks what the fold reads throws what it throws. */
function standing(before: Folded | undefined, entry: LogEntry): Folded | string {
  try {
    return fold(before, entry);
  } catch (cause) {
    if (cause instanceof Defect || cause instanceof TypeError) return cause.message;
    throw cause;
  }
}

/** Whether the entry has what its rows are made of. */
function hasRows(rows: RowCheck, entry: LogEntry, index: number): boolean {
  try {
    rows.entry(entry, index);
    return true;
  } catch (cause) {
    if (cause instanceof TypeError) return false;
    throw cause;
  }
}

async function checkRows(
  store: StoreReading,
  { size }: Head,
  { rows, snapshots, cosigned }: RowChecks,
  seen: (done: number) => void,
): Promise<void> {
  let done = 0;
  let page: IndexRow[] = [];
  for await (const row of store.rows()) {
    if (SnapshotCheck.has(row)) await snapshots.row(row, size);
    else if (row.key === cosignedKey) await cosigned.row(row, size);
    else page.push(row);
    done += 1;
    if (page.length < run) continue;
    await rows.rows(page, size);
    page = [];
    // There are about ten rows an entry.
    seen(Math.min(size, Math.floor(done / 10)));
  }
  await rows.rows(page, size);
}

async function malformations(store: StoreReading): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = [];
  for await (const each of store.malformations()) findings.push({ code: 'store_malformed', ...each });
  return findings;
}

async function strangeBlobs(
  store: StoreReading,
  { size }: Head,
  snapshots: SnapshotCheck,
): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = [];
  const known = store.still ? size : Number.MAX_SAFE_INTEGER;
  for await (const key of store.blobKeys()) {
    if (isEntryBelow(key, known) || isTreeBlob(key, known)) continue;
    const bytes = key.startsWith(snapshotFolder) ? await store.readBlob(key) : undefined;
    if (bytes !== undefined && isSnapshotBlob({ key, bytes })) {
      snapshots.part({ key, bytes });
      continue;
    }
    findings.push({
      code: 'blob_unknown',
      subject: key,
      message: `it belongs to nothing in a log of ${size} entries`,
    });
  }
  return findings;
}

function isEntryBelow(key: string, size: number): boolean {
  const index = /^entry\/(\d{16})$/.exec(key)?.[1];
  return index !== undefined && Number(index) < size;
}
