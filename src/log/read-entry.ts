import { Fault } from '../kernel/errors.js';
import type { LogEntry } from './entry.js';
import { decodeEntry } from './entry-codec.js';
import { entryKey } from './index-rows.js';
import type { StoragePort } from './port.js';

/** The entry at an index below the head. Throws a Fault when it is not there or not readable. */
export async function readEntry(storage: Pick<StoragePort, 'readBlob'>, index: number): Promise<LogEntry> {
  return decodeEntry(await readEntryBytes(storage, index), index);
}

/** The bytes of the entries [from, to), which are below the head, in one read. Throws a Fault when one is not there. */
export async function readEntriesBytes(
  storage: StoragePort,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const keys = Array.from({ length: to - from }, (_, i) => entryKey(from + i));
  const found = await storage.readBlobs(keys);
  return found.map((bytes, i) => bytes ?? missing(from + i));
}

/** Its canonical bytes, which are what the tree is made of. Throws a Fault when it is not there. */
export async function readEntryBytes(
  storage: Pick<StoragePort, 'readBlob'>,
  index: number,
): Promise<Uint8Array> {
  const bytes = await storage.readBlob(entryKey(index));
  return bytes ?? missing(index);
}

function missing(index: number): never {
  throw new Fault('storage_failed', `entry ${index} is missing`, {
    retryable: false,
    subject: `entry ${index}`,
  });
}
