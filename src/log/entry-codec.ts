import { canonicalBytes } from '../kernel/canonical.js';
import { Defect, Fault } from '../kernel/errors.js';
import { entryType, type LogEntry } from './entry.js';
import { maxEntryBytes } from './tlog/entry-bundle.js';

/** Canonical JSON. An entry that is too large is a Defect: what goes into entries is bounded when it is parsed. */
export function encodeEntry(entry: LogEntry): Uint8Array {
  const bytes = canonicalBytes(entry);
  if (bytes.length > maxEntryBytes) {
    throw new Defect('invariant_broken', `a ${entry.kind} entry has ${bytes.length} bytes`);
  }
  return bytes;
}

/** What `encodeEntry` wrote. Anything else means that the store was changed from outside: a Fault that no retry helps. */
export function decodeEntry(bytes: Uint8Array, index: number): LogEntry {
  let entry: unknown;
  try {
    entry = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable(index, cause);
  }
  if (typeof entry !== 'object' || entry === null || (entry as { type?: unknown }).type !== entryType) {
    throw unreadable(index, undefined);
  }
  return entry as LogEntry;
}

function unreadable(index: number, cause: unknown): Fault {
  const subject = `entry ${index}`;
  return new Fault('storage_failed', `${subject} is not an entry of this log`, {
    retryable: false,
    subject,
    cause,
  });
}
