import { Fault } from '../kernel/errors.js';
import type { LogEntry } from './entry.js';
import { decodeEntry } from './entry-codec.js';
import { entryKey } from './index-rows.js';
import type { StoragePort } from './port.js';

/** The entry at an index below the head. Throws a Fault when it is not there or not readable. */
export async function readEntry(storage: StoragePort, index: number): Promise<LogEntry> {
  const bytes = await storage.readBlob(entryKey(index));
  if (bytes !== undefined) return decodeEntry(bytes, index);
  throw new Fault('storage_failed', `entry ${index} is missing`, {
    retryable: false,
    subject: `entry ${index}`,
  });
}
