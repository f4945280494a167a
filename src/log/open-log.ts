import { Fault } from '../kernel/errors.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { parseVerifierKey, type VerifierKey } from '../kernel/verifier-key.js';
import { Appender } from './appender.js';
import { batchOf } from './batch.js';
import type { Genesis } from './entry.js';
import type { Log, LogOptions } from './log.js';
import type { Head, StoragePort } from './port.js';
import { beginning, foldedOf, type Position, readOn } from './position.js';
import { headOf } from './published.js';
import { readEntry } from './read-entry.js';
import { SnapshotKeeper } from './snapshot-keeper.js';
import { type Resumed, readSnapshot } from './state-snapshot.js';
import { emptyFrontier } from './tlog/frontier.js';

/**
 * Opens the log in `storage`; an empty one begins with `genesis`. With `snapshots`, it goes on from the latest state snapshot that holds, reads,
 * hashes and folds the entries behind it, and checks the snapshot against the entries below it while the log is in use already: when they say
 * something else, nothing is appended any more and `check` rejects. Otherwise entries are read from the first on.
 *
 * Rejects with Fault `storage_failed`, also when the entries do not hash to the root of the head, or make a state that cannot be built; `Err`
 * when the log is of another key than the signer's (`signer_mismatch`), or when the state it begins with cannot be built.
 *
 * One writer at a time in this process: appends queue up, and what has queued up while a commit was under way goes into
 * the next one. Decisions and events of a batch stand before its state entries.
 */
export async function openLog<Snapshot>(
  options: LogOptions<Snapshot>,
  genesis: Genesis,
): Promise<Result<Log<Snapshot>, readonly Problem[]>> {
  const { storage, snapshots } = options;
  if ((await storage.readHead()) === undefined) {
    await storage.commit(undefined, batchOf([genesis], emptyFrontier).batch);
  }
  const key = await readLogKey(options);
  if (!key.ok) return key;
  const head = (await storage.readHead()) as Head;
  const resumed =
    snapshots === undefined ? undefined : await readSnapshot(storage, head, key.value, snapshots.warn);
  const position = await readToHead(storage, resumed, head);
  const folded = foldedOf(position);
  const snapshot = options.buildSnapshot(folded.state);
  if (!snapshot.ok) {
    if (head.size === 1) return snapshot;
    const message = `the state at size ${head.size} cannot be built`;
    throw new Fault('storage_failed', message, { retryable: false });
  }
  const { frontier, attempts, decided } = position;
  const view = { folded, snapshot: snapshot.value };
  if (snapshots === undefined) return ok(new Appender(options, { view, frontier, attempts, decided }));
  const last = resumed?.statement.size ?? 0;
  const keeper = new SnapshotKeeper(storage, options.signer, key.value, snapshots, last);
  const log = new Appender(options, { view, frontier, attempts, decided, keeper });
  if (resumed !== undefined) keeper.check(resumed.statement, (fault) => log.condemn(fault));
  return ok(log);
}

/** The key of the log, which is the signer's. */
async function readLogKey<Snapshot>({
  storage,
  signer: { name, hash },
}: LogOptions<Snapshot>): Promise<Result<VerifierKey, readonly Problem[]>> {
  const first = await readEntry(storage, 0);
  const key = first.kind === 'genesis' ? parseVerifierKey(first.verifier_key) : undefined;
  if (first.kind !== 'genesis' || key?.ok !== true) {
    const subject = 'entry 0';
    throw new Fault('storage_failed', 'entry 0 is not the beginning of a log', { retryable: false, subject });
  }
  if (key.value.name === name && key.value.hash === hash) return key;
  const message = `the log is of ${first.origin}, begun with another key than ${name}+${hash}`;
  return err([{ code: 'signer_mismatch', path: '', message }]);
}

/** The position behind all entries of the head. A store whose entries are others than those it took is not gone on with. */
async function readToHead(storage: StoragePort, resumed: Resumed | undefined, head: Head): Promise<Position> {
  const position = (await readOn(storage, resumed?.position ?? beginning(), head.size)) as Position;
  if (headOf(position.frontier).root === head.root) return position;
  throw new Fault('storage_failed', `the entries are not those of the head at size ${head.size}`, {
    retryable: false,
  });
}
