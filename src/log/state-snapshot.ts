import { type Digest, digestFromBytes, sha256 } from '../kernel/digest.js';
import { Fault } from '../kernel/errors.js';
import type { VerifierKey } from '../kernel/verifier-key.js';
import { AttemptCounts } from './attempt-counts.js';
import { DecisionIds } from './decision-ids.js';
import type { Blob, Head, IndexRow, StoragePort } from './port.js';
import type { Position } from './position.js';
import { decodeManifest, decodeSnapshot, manifestDigest, readManifest } from './snapshot-codec.js';
import { mostKept, snapshotBlobKey, snapshotFolder, snapshotRowKey } from './snapshot-keys.js';
import { type SnapshotStatement, verifySnapshot } from './snapshot-note.js';
import { SnapshotForeign, SnapshotMalformed } from './snapshot-sections.js';
import { storedTiles } from './stored-tiles.js';
import { rootOf } from './tlog/frontier.js';
import { frontierAt } from './tlog/frontier-at.js';

/** A snapshot that was found, and the position that it says. */
export interface Resumed {
  readonly statement: SnapshotStatement;
  readonly position: Position;
}

/** How often the rows are listed, when others drop what is being read. */
const mostLooks = 3;

/**
 * The latest snapshot that holds: signed with the log's key, of no more entries than the head has, its parts those that were signed, its
 * root that of the stored tree at its size. One that is dropped while it is read is passed over for those that are there then. `warn` is told
 * of each that does not hold. Rejects only with faults that a retry may help.
 */
export async function readSnapshot(
  storage: StoragePort,
  head: Head,
  key: VerifierKey,
  warn: (message: string) => void,
): Promise<Resumed | undefined> {
  const range = {
    folder: snapshotFolder,
    before: snapshotRowKey(head.size + 1),
    reverse: true,
    limit: mostKept,
  };
  for (let look = 0; look < mostLooks; look += 1) {
    const found = await latestOf(storage, await storage.scanIndex(range), key, warn);
    if (found !== 'dropped') return found;
  }
  return undefined;
}

/** `dropped`: one of the rows is not there any more. */
async function latestOf(
  storage: StoragePort,
  rows: readonly IndexRow[],
  key: VerifierKey,
  warn: (message: string) => void,
): Promise<Resumed | 'dropped' | undefined> {
  for (const row of rows) {
    try {
      return await resume(storage, row, key);
    } catch (cause) {
      const why = reasonAgainst(cause).message;
      if ((await storage.readIndex(row.key)) === undefined) return 'dropped';
      warn(`the state snapshot ${row.key} is not used: ${why}`);
    }
  }
  return undefined;
}

/** Why a snapshot is not used. Anything else that is thrown goes on. */
function reasonAgainst(cause: unknown): Error {
  if (cause instanceof SnapshotMalformed || (cause instanceof Fault && !cause.retryable)) return cause;
  throw cause;
}

type Reading = Pick<StoragePort, 'readBlob' | 'readBlobs'>;

async function resume(storage: Reading, row: IndexRow, key: VerifierKey): Promise<Resumed> {
  const statement = statementIn(row, key);
  if (statement === undefined) throw new SnapshotMalformed('it is not signed by this log for this size');
  const frontier = await frontierAt(storedTiles(storage, statement.size), statement.size);
  if (!frontier.ok) throw new SnapshotMalformed(frontier.error.message);
  if (digestFromBytes(rootOf(frontier.value)) !== statement.root) {
    throw new SnapshotMalformed('its root is not that of the entries');
  }
  const [bytes] = await readParts(storage, [statement.digest]);
  const manifest = decodeManifest(bytes as Uint8Array, statement.digest);
  const parts = await readParts(storage, manifest.parts);
  const { folded, attempts, latestDecision } = decodeSnapshot(manifest, parts);
  if (folded.size !== statement.size || folded.origin !== statement.origin) {
    throw new SnapshotMalformed('it is of another size or log than was signed');
  }
  const position = {
    folded,
    frontier: frontier.value,
    attempts: new AttemptCounts(attempts),
    decided: new DecisionIds(latestDecision),
  };
  return { statement, position };
}

async function readParts(storage: Reading, digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
  const found = await storage.readBlobs(digests.map(snapshotBlobKey));
  return found.map((bytes, at) => {
    if (bytes !== undefined) return bytes;
    throw new SnapshotMalformed(`the part ${digests[at]} is missing`);
  });
}

/** What a row says, when the log signed it for its size. */
function statementIn({ key: row, value: note }: IndexRow, key: VerifierKey): SnapshotStatement | undefined {
  const statement = verifySnapshot(note, key);
  return statement !== undefined && row === snapshotRowKey(statement.size) ? statement : undefined;
}

/**
 * The keys of the manifest and the parts that a row names, of any version of CAIO; `undefined` where it is not signed by the log, or its
 * manifest is not there. Whether the parts are there is not looked at.
 */
export async function blobsNamedBy(
  storage: Pick<StoragePort, 'readBlob'>,
  row: IndexRow,
  key: VerifierKey,
): Promise<readonly string[] | undefined> {
  const statement = statementIn(row, key);
  if (statement === undefined) return undefined;
  const bytes = await storage.readBlob(snapshotBlobKey(statement.digest));
  if (bytes === undefined) return undefined;
  try {
    return [statement.digest, ...readManifest(bytes, statement.digest).parts].map(snapshotBlobKey);
  } catch (cause) {
    reasonAgainst(cause);
    return undefined;
  }
}

/** Whether a blob is a part or manifest under its own digest. One that no row names any more, or not yet, is one too. */
export function isSnapshotBlob({ key, bytes }: Blob): boolean {
  if (!key.startsWith(snapshotFolder)) return false;
  return [digestFromBytes(sha256(bytes)), manifestDigest(bytes)].some(
    (digest) => key === snapshotBlobKey(digest),
  );
}

/** Why the snapshot of a row does not hold; nothing where it holds, or where another version of CAIO wrote it. */
export async function snapshotFault(
  storage: Reading,
  row: IndexRow,
  key: VerifierKey,
): Promise<string | undefined> {
  try {
    await resume(storage, row, key);
    return undefined;
  } catch (cause) {
    return cause instanceof SnapshotForeign ? undefined : reasonAgainst(cause).message;
  }
}
