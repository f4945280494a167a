import type { Digest } from '../kernel/digest.js';
import { Fault } from '../kernel/errors.js';
import type { VerifierKey } from '../kernel/verifier-key.js';
import { dropOldSnapshots } from './drop-snapshots.js';
import type { Grown, Keeper } from './keeper.js';
import type { StoragePort } from './port.js';
import { beginning, foldedOf, readOn } from './position.js';
import { headOf } from './published.js';
import { encodeParts, manifestOf } from './snapshot-codec.js';
import type { SnapshotStatement } from './snapshot-note.js';
import type { SnapshotOptions } from './snapshot-options.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';
import { type Keepable, writeSnapshot } from './write-snapshot.js';

/** A clean close keeps a snapshot when so large a part of `every` has come since the last. */
const closeShare = 10;

/**
 * Keeps snapshots of a log while it grows, and checks the one that it began with against the fold of its entries: until that is done, none is
 * kept, since it would rest on what is being checked. Behind each one that is kept, old ones are dropped. A snapshot that cannot be written or
 * dropped is a warning: the next start takes longer, or the next drop has more to do, that is all.
 */
export class SnapshotKeeper implements Keeper {
  readonly #storage: StoragePort;
  readonly #signer: CheckpointSigner;
  readonly #key: VerifierKey;
  readonly #options: SnapshotOptions;
  /** Size of the last snapshot. */
  #last: number;
  #latest: Grown | undefined;
  #writing: Promise<void> | undefined;
  #checking: Promise<void> | undefined;
  /** Set when the store failed during the check: it is made again when the log grows, which shows that the store is back. */
  #checkAgain: (() => void) | undefined;
  #sound = true;
  #closed = false;

  /** `key` is the signer's; `last` the size of the snapshot that the log went on from. */
  constructor(
    storage: StoragePort,
    signer: CheckpointSigner,
    key: VerifierKey,
    options: SnapshotOptions,
    last: number,
  ) {
    this.#storage = storage;
    this.#signer = signer;
    this.#key = key;
    this.#options = options;
    this.#last = last;
  }

  /** Folds the entries below the snapshot that the log began with; `condemn` is called when they say something else. */
  check(used: SnapshotStatement, condemn: (fault: Fault) => void): void {
    this.#sound = false;
    this.#checkAgain = undefined;
    this.#checking = this.#findFault(used)
      .then((fault) => {
        this.#sound = fault === undefined && !this.#closed;
        if (fault !== undefined) condemn(fault);
      })
      .catch((cause: unknown) => {
        const reason = reasonOf(cause);
        if (!(cause instanceof Fault && cause.retryable)) {
          condemn(unsound(used, `the entries cannot be folded: ${reason}`));
          return;
        }
        this.#options.warn(`the state snapshot at size ${used.size} is not checked yet: ${reason}`);
        this.#checkAgain = () => this.check(used, condemn);
      })
      .finally(() => {
        this.#checking = undefined;
      });
  }

  /** Resolves when the check is over. */
  async checked(): Promise<void> {
    await this.#checking;
  }

  settled(at: Grown): void {
    this.#latest = at;
    this.#checkAgain?.();
    if (at.folded.size - this.#last >= this.#options.every) this.#keep(at);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#checking;
    await this.#writing;
    const { every } = this.#options;
    const at = this.#latest;
    if (at !== undefined && at.folded.size - this.#last >= Math.max(1, every / closeShare)) this.#keep(at);
    await this.#writing;
  }

  #keep({ folded, root, attempts, decided }: Grown): void {
    if (!this.#sound || this.#writing !== undefined) return;
    const keepable = { folded, root, attempts: new Map(attempts.counts), latestDecision: decided.latest };
    this.#writing = this.#write(keepable).finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(keepable: Keepable): Promise<void> {
    const { pause, warn } = this.#options;
    const { size } = keepable.folded;
    try {
      await writeSnapshot(this.#storage, keepable, this.#signer, pause);
      this.#last = size;
    } catch (cause) {
      warn(`no state snapshot was kept at size ${size}: ${reasonOf(cause)}`);
      return;
    }
    try {
      await dropOldSnapshots(this.#storage, this.#key, pause);
    } catch (cause) {
      warn(`old state snapshots were not dropped: ${reasonOf(cause)}`);
    }
  }

  /** What is wrong with a snapshot; nothing when it is what its entries say, or when the log was closed meanwhile. */
  async #findFault(used: SnapshotStatement): Promise<Fault | undefined> {
    const goesOn = async () => {
      await this.#options.pause();
      return !this.#closed;
    };
    const position = await readOn(this.#storage, beginning(), used.size, goesOn);
    if (position === undefined) return undefined;
    if (headOf(position.frontier).root !== used.root) return unsound(used, 'the entries have another root');
    const resumption = {
      folded: foldedOf(position),
      attempts: position.attempts.counts,
      latestDecision: position.decided.latest,
    };
    const digests: Digest[] = [];
    for (const { digest } of encodeParts(resumption)) {
      if (!(await goesOn())) return undefined;
      digests.push(digest);
    }
    return manifestOf(digests).digest === used.digest
      ? undefined
      : unsound(used, 'the entries fold to another state');
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function unsound({ size }: SnapshotStatement, why: string): Fault {
  const message =
    `The state snapshot at size ${size}, which this start went on from, is not what the log says: ${why}. Nothing is decided on it. ` +
    'Start without snapshots (storage.snapshot_entries: 0), and have the log audited.';
  return new Fault('storage_failed', message, { retryable: false });
}
