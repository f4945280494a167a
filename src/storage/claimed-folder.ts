import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { OwnClaim } from './folder-claim.js';
import { FolderFaults, type FolderOf } from './folder-faults.js';
import type { Environment } from './lmdb-environment.js';
import { brokenStoreFile } from './lmdb-file.js';

/** What a folder is for. */
export interface FolderKind<Opened extends Environment> extends FolderOf {
  /** Of what is in it; another one is refused. */
  readonly layout: string;
  open(folder: string): Opened;
  /** Closes what is open besides the environment. */
  closeRest?(opened: Opened): void;
}

/**
 * Folders that this thread has open. LMDB shares one environment among all openings of a folder in a process and ends it with the first
 * that closes: the others would then read memory that is gone.
 */
export const openHere = new Set<string>();

/** Tells openings apart, also two by one process. */
export function newClaimToken(): string {
  return randomBytes(16).toString('hex');
}

/**
 * A folder of a local disk with an LMDB environment in it, for one process at a time. It holds the claim of the process that has it open, taken
 * inside a write transaction, which LMDB gives to one process at a time. While that process runs, another one is refused with a Fault that names
 * it; a claim of a process that is gone is replaced. Where that cannot be told (the claim is from another container) it is replaced too, and
 * every write compares the claim within its transaction, so the former holder can write nothing from then on and says so: never two writers,
 * never in silence.
 *
 * Rejects with Faults of its kind. A write blocks the thread until the disk has it: LMDB's asynchronous commits report a full disk as unhandled
 * rejections, which end the process.
 */
export class ClaimedFolder<Opened extends Environment> {
  readonly #kind: FolderKind<Opened>;
  readonly #faults: FolderFaults;
  readonly #claim: OwnClaim;
  #place = '';
  #opened: Opened | undefined;
  #closed = false;

  /** `token` is that of the claim: who opens the folder again with the same one takes up the claim that it left. */
  constructor(kind: FolderKind<Opened>, folder: string, token: string) {
    this.#kind = kind;
    this.#faults = new FolderFaults(kind, folder);
    this.#claim = new OwnClaim(this.#faults, kind.layout, token);
  }

  /** `begin` is done once, under the claim. */
  async claim(begin: (opened: Opened) => void = () => undefined): Promise<void> {
    await this.#attempt('could not be opened', () => {
      mkdirSync(this.#faults.folder, { recursive: true, mode: 0o700 });
      this.#place = realpathSync(this.#faults.folder);
      if (openHere.has(this.#place))
        throw this.#faults.refusal(`is open in process ${process.pid}, this one`);
      const opened = this.#open();
      opened.root.transactionSync(() => this.#claim.take(opened));
      for (const path of [this.#place, dirname(this.#place)]) syncFolder(path);
      begin(opened);
      openHere.add(this.#place);
    });
  }

  async read<T>(look: (opened: Opened) => T): Promise<T> {
    try {
      return look(this.#open());
    } catch (cause) {
      throw this.#faults.from(cause, 'could not be read');
    }
  }

  /** Reads what nobody else writes while the claim stands, and rejects when it does not. */
  readClaimed<T>(look: (opened: Opened) => T): Promise<T> {
    return this.read((opened) => {
      this.#claim.check(opened);
      return look(opened);
    });
  }

  /** One transaction, on the disk when this resolves. What `act` throws leaves the folder as it was. */
  commit<T>(act: (opened: Opened) => T): Promise<T> {
    return this.#attempt('could not be written', () => {
      const opened = this.#open();
      return this.#transact(opened, () => act(opened));
    });
  }

  /** For what has steps before and after its transaction: `transact` runs it, and the disk has it when that returns. */
  write<T>(act: (opened: Opened, transact: (change: () => void) => void) => T): Promise<T> {
    return this.#attempt('could not be written', () => {
      const opened = this.#open();
      this.#claim.check(opened);
      return act(opened, (change) => this.#transact(opened, change));
    });
  }

  #transact<T>(opened: Opened, change: () => T): T {
    // THE COMMIT POINT. Relied on: an abortable transaction whose commit is synchronous (lmdb's default flags for transactionSync)
    // in an environment without MDB_NOSYNC, MDB_NOMETASYNC, MDB_WRITEMAP and overlapping syncs. LMDB then writes the pages, calls
    // fdatasync, and only then writes the meta page that makes them the state, itself synchronously (O_DSYNC); `mdb_txn_commit`
    // returns after that. A crash before the meta page leaves the former state whole.
    return opened.root.transactionSync(() => {
      this.#claim.check(opened);
      return change();
    });
  }

  /** Lets go of the claim; again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const opened = this.#opened;
    try {
      if (opened !== undefined) opened.root.transactionSync(() => this.#claim.letGo(opened));
    } catch (cause) {
      throw this.#faults.from(cause, 'could not be released');
    } finally {
      openHere.delete(this.#place);
      await this.#drop();
    }
  }

  #open(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    if (this.#closed) throw this.#faults.refusal('was closed');
    const broken = brokenStoreFile(this.#faults.folder);
    if (broken !== undefined) throw this.#faults.refusal(broken);
    this.#opened = this.#kind.open(this.#faults.folder);
    return this.#opened;
  }

  async #attempt<T>(what: string, act: () => T): Promise<T> {
    try {
      return act();
    } catch (cause) {
      // What failed to write may refuse everything after it: the next call opens it anew.
      await this.#drop();
      throw this.#faults.from(cause, what);
    }
  }

  /** Closes the environment, which says nothing about what was committed. */
  async #drop(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    this.#kind.closeRest?.(opened);
    await opened.root.close().catch(() => undefined);
  }
}

/** Makes the names in a folder durable: the sync of a file need not carry its name (fsync(2)). Windows has no such call and no need of it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
