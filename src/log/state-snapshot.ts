import { canonicalBytes } from '../kernel/canonical.js';
import { type Digest, digestFromBytes, sha256 } from '../kernel/digest.js';
import { Fault } from '../kernel/errors.js';
import type { VerifierKey } from '../kernel/verifier-key.js';
import { AttemptCounts } from './attempt-counts.js';
import { DecisionIds } from './decision-ids.js';
import { indexDigits } from './index-rows.js';
import type { Blob, Head, IndexRow, StoragePort } from './port.js';
import type { Position } from './position.js';
import { decodeManifest, decodeSnapshot, encodeParts, manifestDigest, manifestOf } from './snapshot-codec.js';
import { type SnapshotStatement, signSnapshot, verifySnapshot } from './snapshot-note.js';
import { type Resumption, SnapshotForeign, SnapshotMalformed } from './snapshot-sections.js';
import { storedTiles } from './stored-tiles.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';
import { rootOf } from './tlog/frontier.js';
import { frontierAt } from './tlog/frontier-at.js';

/** Rows `snapshot/<digits of the size>` hold the signed notes; the parts are blobs by digest, so what two snapshots share is there once. */
const folder = 'snapshot/';
const blobKey = (digest: Digest): string => `${folder}${digest}`;

/** A state to keep, and the root of the entries that made it. */
export interface Keepable extends Resumption {
  readonly root: Digest;
}

/** A snapshot that was found, and the position that it says. */
export interface Resumed {
  readonly statement: SnapshotStatement;
  readonly position: Position;
}

/**
 * Keeps a snapshot of a state that is in the store. Its parts are committed beside the entries, one commit each, and named last: what a kill in the
 * middle leaves is found by nobody, and used again by the next that has the same parts. `pause` is awaited before each part.
 */
export async function writeSnapshot(
  storage: StoragePort,
  keepable: Keepable,
  signer: CheckpointSigner,
  pause: () => Promise<void>,
): Promise<void> {
  const digests: Digest[] = [];
  for (const { digest, bytes } of encodeParts(keepable)) {
    await pause();
    digests.push(digest);
    if ((await storage.readBlob(blobKey(digest))) !== undefined) continue;
    await commitBeside(storage, [{ key: blobKey(digest), bytes }], []);
  }
  const { manifest, digest } = manifestOf(digests);
  const { size } = keepable.folded;
  const note = signSnapshot({ size, root: keepable.root, digest }, signer);
  const blob = { key: blobKey(digest), bytes: canonicalBytes(manifest) };
  await commitBeside(storage, [blob], [{ key: `${folder}${indexDigits(size)}`, value: note }]);
}

/** How often the head may move under a commit before it is given up. */
const mostTries = 64;

/** Blobs and rows that are no entries: the head stays as it is. */
async function commitBeside(
  storage: StoragePort,
  blobs: readonly Blob[],
  index: readonly IndexRow[],
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const head = await storage.readHead();
    if (head === undefined) break;
    if ((await storage.commit(head, { head, blobs, index })) === 'committed') return;
  }
  throw new Fault('storage_failed', 'a snapshot could not be written between the entries', {
    retryable: true,
  });
}

/** The most snapshots that are looked at before the log is read from its first entry. */
const mostLookedAt = 4;

/**
 * The latest snapshot that holds: signed with the log's key, of no more entries than the head has, its parts those that were signed, its
 * root that of the stored tree at its size. `warn` is told of each that does not. Rejects only with faults that a retry may help.
 */
export async function readSnapshot(
  storage: StoragePort,
  head: Head,
  key: VerifierKey,
  warn: (message: string) => void,
): Promise<Resumed | undefined> {
  const before = `${folder}${indexDigits(head.size + 1)}`;
  const rows = await storage.scanIndex({ folder, before, reverse: true, limit: mostLookedAt });
  for (const { key: row, value: note } of rows) {
    try {
      return await resume(storage, row, note, key);
    } catch (cause) {
      const expected = cause instanceof SnapshotMalformed || (cause instanceof Fault && !cause.retryable);
      if (!expected) throw cause;
      warn(`the state snapshot ${row} is not used: ${cause.message}`);
    }
  }
  return undefined;
}

type Reading = Pick<StoragePort, 'readBlob' | 'readBlobs'>;

async function resume(storage: Reading, row: string, note: string, key: VerifierKey): Promise<Resumed> {
  const statement = verifySnapshot(note, key);
  if (statement === undefined || row !== `${folder}${indexDigits(statement.size)}`) {
    throw new SnapshotMalformed('it is not signed by this log for this size');
  }
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
  const found = await storage.readBlobs(digests.map(blobKey));
  return found.map((bytes, at) => {
    if (bytes !== undefined) return bytes;
    throw new SnapshotMalformed(`the part ${digests[at]} is missing`);
  });
}

export const isSnapshotRow = (key: string): boolean => key.startsWith(folder);

/** Whether a blob is a part or manifest under its own digest. One that no row names any more, or not yet, is one too. */
export function isSnapshotBlob({ key, bytes }: Blob): boolean {
  if (!key.startsWith(folder)) return false;
  return key === blobKey(digestFromBytes(sha256(bytes))) || key === blobKey(manifestDigest(bytes));
}

/** Why the snapshot of a row does not hold; nothing where it holds, or where another version of CAIO wrote it. */
export async function snapshotFault(
  storage: Reading,
  { key: row, value: note }: IndexRow,
  key: VerifierKey,
): Promise<string | undefined> {
  try {
    await resume(storage, row, note, key);
    return undefined;
  } catch (cause) {
    if (cause instanceof SnapshotForeign) return undefined;
    if (cause instanceof SnapshotMalformed || (cause instanceof Fault && !cause.retryable))
      return cause.message;
    throw cause;
  }
}
