import { leafHash } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { batchOf } from './batch.js';
import type { Genesis } from './entry.js';
import { fold } from './fold.js';
import { Appender, type Log, type LogOptions } from './log.js';
import { readEntry, readEntryBytes } from './read-entry.js';
import { emptyFrontier, grow } from './tlog/frontier.js';

/**
 * Opens the log in `storage`; an empty one begins with `genesis`. Entries are read from the first on, hashed and folded. Rejects with
 * Fault `storage_failed`, also when they do not hash to the root of the head; `Err` when the log is of another key than the signer's
 * (`signer_mismatch`), or when the state that the entries say cannot be built.
 *
 * One writer at a time in this process: appends queue up, and what has queued up while a commit was under way goes into
 * the next one. Decisions and events of a batch stand before its state entries.
 */
export async function openLog<Snapshot>(
  options: LogOptions<Snapshot>,
  genesis: Genesis,
): Promise<Result<Log<Snapshot>, readonly Problem[]>> {
  const { storage } = options;
  if ((await storage.readHead()) === undefined) {
    await storage.commit(undefined, batchOf([genesis], emptyFrontier).batch);
  }
  const first = await readEntry(storage, 0);
  const folded = fold(undefined, first);
  const { name, hash } = options.signer;
  if (first.kind !== 'genesis' || !first.verifier_key.startsWith(`${name}+${hash}+`)) {
    const message = `the log is of ${folded.origin}, begun with another key than ${name}+${hash}`;
    return err([{ code: 'signer_mismatch', path: '', message }]);
  }
  const snapshot = options.buildSnapshot(folded.state);
  if (!snapshot.ok) return snapshot;
  const { frontier } = grow(emptyFrontier, [leafHash(await readEntryBytes(storage, 0))]);
  const appender = new Appender(options, { folded, snapshot: snapshot.value }, frontier);
  await appender.catchUp();
  return ok(appender);
}
