import { canonicalBytes } from '../kernel/canonical.js';
import type { Digest } from '../kernel/digest.js';
import { Fault } from '../kernel/errors.js';
import type { Batch, StoragePort } from './port.js';
import { encodeParts, manifestOf } from './snapshot-codec.js';
import { editionAfter, editionRow, readEdition, snapshotBlobKey, snapshotRowKey } from './snapshot-keys.js';
import { signSnapshot } from './snapshot-note.js';
import type { Resumption } from './snapshot-sections.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';

/** A state to keep, and the root of the entries that made it. */
export interface Keepable extends Resumption {
  readonly root: Digest;
}

/** How often others may keep or drop snapshots while one is written, before it is given up. */
const mostRounds = 16;

/**
 * Keeps a snapshot of a state that is in the store. Its parts are committed beside the entries, one commit each, and named last: what a kill in the
 * middle leaves is found by nobody, used again by the next that has the same parts, and dropped otherwise. A part that was there, or written, and
 * was dropped before it was named is written again: what is named is there. `pause` is awaited before each part.
 */
export async function writeSnapshot(
  storage: StoragePort,
  keepable: Keepable,
  signer: CheckpointSigner,
  pause: () => Promise<void>,
): Promise<void> {
  const { size } = keepable.folded;
  for (let round = 0; round < mostRounds; round += 1) {
    const edition = await readEdition(storage);
    const { manifest, digest } = manifestOf(await writeParts(storage, keepable, pause));
    const note = signSnapshot({ size, root: keepable.root, digest }, signer);
    const named = await commitBeside(storage, {
      blobs: [{ key: snapshotBlobKey(digest), bytes: canonicalBytes(manifest) }],
      index: [{ key: snapshotRowKey(size), value: note }, editionAfter(edition)],
      onlyIf: { key: editionRow, value: edition },
    });
    if (named) return;
  }
  throw notWritten('others kept or dropped snapshots all the while');
}

async function writeParts(
  storage: StoragePort,
  keepable: Keepable,
  pause: () => Promise<void>,
): Promise<readonly Digest[]> {
  const digests: Digest[] = [];
  for (const { digest, bytes } of encodeParts(keepable)) {
    await pause();
    digests.push(digest);
    const key = snapshotBlobKey(digest);
    if ((await storage.readBlob(key)) === undefined) {
      await commitBeside(storage, { blobs: [{ key, bytes }], index: [] });
    }
  }
  return digests;
}

/** How often the head may move under a commit before it is given up. */
const mostTries = 64;

/** Commits what is no entry: the head stays as it is. False when the row of `onlyIf` is not as that says. */
export async function commitBeside(storage: StoragePort, beside: Omit<Batch, 'head'>): Promise<boolean> {
  const { onlyIf } = beside;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const head = await storage.readHead();
    if (head === undefined) break;
    if ((await storage.commit(head, { head, ...beside })) === 'committed') return true;
    if (onlyIf !== undefined && (await storage.readIndex(onlyIf.key)) !== onlyIf.value) return false;
  }
  throw notWritten('the head moved all the while');
}

function notWritten(why: string): Fault {
  return new Fault('storage_failed', `nothing was written beside the entries: ${why}`, { retryable: true });
}
