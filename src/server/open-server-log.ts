import type { Contract } from '../contracts/contract.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Policy } from '../contracts/policy.js';
import type { Problem } from '../kernel/problem.js';
import { ok, type Result } from '../kernel/result.js';
import { encodeUtf8 } from '../kernel/utf8.js';
import { type Author, entryType, type Genesis, type StateEntry } from '../log/entry.js';
import type { KeyRecord } from '../log/key-record.js';
import type { Log } from '../log/log.js';
import { openLog } from '../log/open-log.js';
import type { StoragePort } from '../log/port.js';
import type { SnapshotOptions } from '../log/snapshot-options.js';
import type { CheckpointSigner } from '../log/tlog/checkpoint.js';
import { buildSnapshot, type Snapshot } from '../orchestrator/snapshot.js';
import { type SigningKey, verifierKeyOf } from '../proofs/signing-key.js';
import type { Clock } from './clock.js';

/** What a new log begins with; of no consequence to one that has entries. */
export interface Beginning {
  readonly parameters: Parameters;
  readonly contracts?: readonly Contract[];
  readonly policies?: readonly Policy[];
  readonly keys?: readonly KeyRecord[];
}

const setup: Author = { method: 'local', key_id: 'setup' };

/** Bounds of group commit; each has a default. */
export interface CommitBounds {
  /** The most entries in one commit. */
  readonly batchEntries?: number;
  /** The most decisions and changes that wait for one. */
  readonly waitingAppends?: number;
  /** How long a commit waits for others to share it. 0: one turn of the event loop, in which what has arrived already is decided. */
  readonly gatherMillis?: number;
}

/**
 * The log of a server: opened, where it is empty begun with `beginning`, and kept up with what other instances commit. Problems of contracts,
 * policies or keys that it cannot begin with: nothing of them is recorded then. `snapshots`: state snapshots are kept and gone on from. Rejects
 * with the store's faults.
 */
export async function openServerLog(
  storage: StoragePort,
  signingKey: SigningKey,
  clock: Clock,
  beginning: Beginning,
  snapshots?: Pick<SnapshotOptions, 'every' | 'warn'>,
  { gatherMillis = 0, ...bounds }: CommitBounds = {},
): Promise<Result<Log<Snapshot>, readonly Problem[]>> {
  const genesis: Genesis = {
    type: entryType,
    kind: 'genesis',
    time: clock.wallMicros(),
    origin: signingKey.name,
    verifier_key: verifierKeyOf(signingKey),
    parameters: beginning.parameters,
  };
  // One turn of the event loop: requests that have already arrived are decided before the disk is waited for, and share its sync.
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const log = await openLog(
    {
      storage,
      buildSnapshot,
      signer: checkpointSigner(signingKey),
      gather:
        gatherMillis === 0 ? nextTurn : () => new Promise((resolve) => setTimeout(resolve, gatherMillis)),
      ...bounds,
      ...(snapshots === undefined ? {} : { snapshots: { ...snapshots, pause: nextTurn } }),
    },
    genesis,
  );
  if (!log.ok) return log;
  // Another instance may begin the log at the same time: what it has begun with is not begun with again.
  const begun = await log.value.appendState<never>(({ folded }) =>
    ok(folded.size > 1 ? [] : entriesOf(beginning, clock.wallMicros())),
  );
  if (!begun.ok) return begun;
  // What others commit binds here as soon as it is known. A refresh that fails is told by `check`, and made up for by the next append.
  await storage.watch(() => void log.value.refresh().catch(() => undefined));
  return log;
}

/** Signs in the name of the log: checkpoints and receipts. */
export function checkpointSigner(key: SigningKey): CheckpointSigner {
  return { name: key.name, hash: key.hash, sign: (text) => key.sign(encodeUtf8(text)) };
}

function entriesOf({ contracts, policies, keys }: Beginning, time: number): readonly StateEntry[] {
  const put = { type: entryType, time, author: setup } as const;
  return [
    ...(policies ?? []).map((policy) => ({ ...put, kind: 'policy.put', policy }) as const),
    ...(contracts ?? []).map((contract) => ({ ...put, kind: 'contract.put', contract }) as const),
    ...(keys ?? []).map((key) => ({ ...put, kind: 'key.put', key }) as const),
  ];
}
