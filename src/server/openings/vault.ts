import type { Author } from '../../log/entry.js';
import { Erasures, type Expired, retentionAuthor } from './erasures.js';
import type { ErasureLog } from './intents.js';
import { KeySubjects } from './key-subjects.js';
import type { MasterKey } from './master-key.js';
import type { OpeningStore } from './opening-store.js';
import type { Keep } from './retention.js';
import { openVault } from './vault-core.js';
import { VaultOpenings } from './vault-openings.js';
import type { VaultStore } from './vault-port.js';

/** Where openings lie, beside the log, and how they go. */
export interface Vault {
  readonly openings: OpeningStore;
  readonly erasures: Erasures;
  /**
   * Carries on erasures that were cut short, destroys what has expired, and what was kept for decisions that never got into the log.
   * Rejects with Faults of vault and log; what it did until then is done.
   */
  sweep(author?: Author): Promise<readonly Expired[]>;
  /** Resolves when openings can be kept; rejects with the store's Fault. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface VaultOptions {
  readonly store: VaultStore;
  readonly master: MasterKey;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: ErasureLog;
  /** Whether a decision of that id is in the log. */
  readonly isRecorded: (decision: string) => Promise<boolean>;
  readonly keep?: Keep;
  /** Whether payloads are kept as well, so that their commitments can be opened without their sender. Default no. */
  readonly payloads?: boolean;
  /** Microseconds since the epoch. */
  readonly time: () => number;
}

/** Opens the vault of a log and carries on what an earlier process left undone. Rejects with Faults of vault and log. */
export async function openLogVault(options: VaultOptions): Promise<Vault> {
  const { store, master, random, log, isRecorded, keep = {}, payloads = false, time } = options;
  const core = await openVault(store, master, random, time);
  const subjects = await KeySubjects.open(core);
  const openings = new VaultOpenings(core, subjects, payloads);
  const erasures = new Erasures(core, subjects, log, keep, time);
  const dropOrphans = async (decisions: readonly string[]): Promise<void> => {
    for (const decision of decisions) {
      if (await isRecorded(decision)) openings.recorded(decision);
      else await openings.drop(decision);
    }
  };
  const dropLeft = async (): Promise<void> => {
    const { decisions, rows } = await core.unrecorded.left(store);
    await dropOrphans(decisions);
    if (rows.length > 0) await core.queue.commit({ deletes: rows });
  };
  await erasures.resume();
  await dropLeft();
  return {
    openings,
    erasures,
    sweep: async (author = retentionAuthor) => {
      const expired = await erasures.expire(author);
      await dropOrphans(core.unrecorded.doubtful());
      if (store.shared !== undefined) {
        await dropLeft();
        core.keys.forgetSaved();
      }
      return expired;
    },
    check: () => core.queue.check(),
    close: () => store.close(),
  };
}
