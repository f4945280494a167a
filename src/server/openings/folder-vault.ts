import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { Fault } from '../../kernel/errors.js';
import { brokenStoreFile } from '../../log/drivers/lmdb-file.js';
import { ownIdentity, type ProcessIdentity, stateOf } from '../../log/drivers/process-identity.js';
import { KeyShelf } from './key-shelf.js';
import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';

/** Layout of the folder; another one is refused. */
const layout = 'caio/vault/v1';

interface Claim {
  readonly layout: string;
  readonly token: string;
  readonly holder: ProcessIdentity;
}

interface Opened {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly meta: Database<Buffer, Buffer>;
  readonly rows: Database<Buffer, Buffer>;
  /** Name of a key → its slot on the shelf, in decimal. */
  readonly slots: Database<Buffer, Buffer>;
  readonly shelf: KeyShelf;
  /** Blank slots below the end of the shelf. */
  readonly free: number[];
  end: number;
}

const claimKey = Buffer.from('claim');
/** Folders that this process has open: LMDB shares an environment within a process and ends it with the first that closes. */
const openHere = new Set<string>();

/**
 * A vault in one folder of a local disk: rows in LMDB, wrapped keys on a shelf where they can be overwritten (ADR-0014). One process at a time,
 * by a claim as in the log's folder (ADR-0006); who opens it again with the same `token` takes up the claim that it left. Rejects with Fault
 * `vault_failed`; calls block the thread until the disk has them, so a server has it in one of its own (`threadVault`).
 */
export async function folderVault(
  folder: string,
  token = randomBytes(16).toString('hex'),
): Promise<VaultStore> {
  const store = new FolderVault(folder, token);
  await store.open();
  return store;
}

class FolderVault implements VaultStore {
  readonly durability = 'disk';
  readonly #folder: string;
  readonly #token: string;
  #place = '';
  #opened: Opened | undefined;
  #closed = false;

  constructor(folder: string, token: string) {
    this.#folder = folder;
    this.#token = token;
  }

  async open(): Promise<void> {
    await this.#attempt('opened', () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#place = realpathSync(this.#folder);
      if (openHere.has(this.#place)) throw this.#refusal(`is open in process ${process.pid}, this one`);
      const opened = this.#environment();
      const claim: Claim = { layout, token: this.#token, holder: ownIdentity() };
      opened.root.transactionSync(() => {
        const held = claimIn(opened);
        if (held !== undefined) this.#checkFree(held);
        opened.meta.putSync(claimKey, Buffer.from(JSON.stringify(claim)));
      });
      for (const path of [this.#place, dirname(this.#place)]) syncFolder(path);
      sweepShelf(opened);
      openHere.add(this.#place);
    });
  }

  commit(change: VaultChange): Promise<void> {
    return this.#attempt('written', () => {
      const opened = this.#environment();
      this.#checkClaim(opened);
      const { destroyed = [], keys = [], puts = [], deletes = [] } = change;
      // DESTRUCTION comes first and is on the disk before anything that says so.
      const gone = destroyed.flatMap((name) => slotOf(opened, name) ?? []);
      for (const slot of gone) opened.shelf.blank(slot);
      const placed = newKeys(opened, keys).map(({ name, bytes }) => {
        const slot = opened.free.pop() ?? opened.end++;
        opened.shelf.write(slot, bytes);
        return { name, slot, before: slotOf(opened, name) };
      });
      if (gone.length + placed.length > 0) opened.shelf.sync();
      // THE COMMIT POINT: as in the log's driver, a synchronous transaction of an environment with every sync on.
      opened.root.transactionSync(() => {
        this.#checkClaim(opened);
        for (const name of destroyed) opened.slots.removeSync(keyOf(name));
        for (const { name, slot } of placed) opened.slots.putSync(keyOf(name), Buffer.from(String(slot)));
        for (const name of deletes) opened.rows.removeSync(keyOf(name));
        for (const { name, bytes } of puts) opened.rows.putSync(keyOf(name), Buffer.from(bytes));
      });
      const replaced = placed.flatMap(({ before }) => before ?? []);
      for (const slot of replaced) opened.shelf.blank(slot);
      if (replaced.length > 0) opened.shelf.sync();
      opened.free.push(...gone, ...replaced);
    });
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.#attempt('read', () => this.#environment().rows.get(keyOf(name)));
  }

  scan(range: VaultRange): Promise<readonly VaultRow[]> {
    return this.#attempt('read', () => scan(this.#environment().rows, range));
  }

  readKey(name: string): Promise<Uint8Array | undefined> {
    return this.#attempt('read', () => {
      const opened = this.#environment();
      const slot = slotOf(opened, name);
      return slot === undefined ? undefined : opened.shelf.read(slot);
    });
  }

  scanKeys(range: VaultRange): Promise<readonly string[]> {
    return this.#attempt('read', () => scan(this.#environment().slots, range).map(({ name }) => name));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const opened = this.#opened;
    openHere.delete(this.#place);
    if (opened === undefined) return;
    try {
      opened.root.transactionSync(() => {
        if (claimIn(opened)?.token === this.#token) opened.meta.removeSync(claimKey);
      });
    } finally {
      await this.#drop();
    }
  }

  #environment(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    if (this.#closed) throw this.#refusal('was closed');
    const broken = brokenStoreFile(this.#folder);
    if (broken !== undefined) throw this.#refusal(broken);
    this.#opened = openFolder(this.#folder);
    return this.#opened;
  }

  /** Closes what is open, which says nothing about what was written. */
  async #drop(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.shelf.close();
    await opened?.root.close().catch(() => undefined);
  }

  #checkFree({ layout: found, holder, token }: Claim): void {
    if (found !== layout) throw this.#refusal(`has the layout ${found}, not ${layout}`);
    if (token === this.#token || stateOf(holder) !== 'running') return;
    throw this.#refusal(`is open in process ${holder.pid}; one process at a time has it`);
  }

  #checkClaim(opened: Opened): void {
    if (claimIn(opened)?.token === this.#token) return;
    throw this.#refusal('was taken over by another process; this one writes nothing to it any more');
  }

  async #attempt<T>(what: 'opened' | 'read' | 'written', act: () => T): Promise<T> {
    try {
      return act();
    } catch (cause) {
      // What failed to write may refuse everything after it, and the free slots are in doubt: the next call opens it anew.
      if (what !== 'read') await this.#drop();
      if (cause instanceof Fault) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Fault('vault_failed', `The vault folder ${this.#folder} could not be ${what}: ${reason}.`, {
        retryable: true,
        subject: this.#folder,
        cause,
      });
    }
  }

  #refusal(what: string): Fault {
    const message = `The vault folder ${this.#folder} ${what}.`;
    return new Fault('vault_failed', message, { retryable: false, subject: this.#folder });
  }
}

function openFolder(folder: string): Opened {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({
    path: folder,
    noSubdir: false,
    overlappingSync: false,
    maxDbs: 8,
    ...binary,
  });
  const named = (name: string) => root.openDB<Buffer, Buffer>({ name, ...binary });
  const slots = named('slots');
  const shelf = new KeyShelf(join(folder, 'keys'));
  const used = new Set([...slots.getRange({})].map(({ value }) => Number(value.toString())));
  const end = Math.max(shelf.size, ...[...used].map((slot) => slot + 1));
  const free = Array.from({ length: end }, (_, slot) => slot).filter((slot) => !used.has(slot));
  return { root, meta: named('meta'), rows: named('rows'), slots, shelf, free, end };
}

/** Keys that no name leads to are what a crash left between two steps of a commit. */
function sweepShelf({ shelf, free }: Opened): void {
  const left = free.filter((slot) => shelf.read(slot) !== undefined);
  for (const slot of left) shelf.blank(slot);
  if (left.length > 0) shelf.sync();
}

/** Once each, without those that are there as they are: changes that share a commit may bring the same key. */
function newKeys(opened: Opened, keys: readonly VaultRow[]): readonly VaultRow[] {
  return [...new Map(keys.map((key) => [key.name, key])).values()].filter(({ name, bytes }) => {
    const slot = slotOf(opened, name);
    const there = slot === undefined ? undefined : opened.shelf.read(slot);
    return there === undefined || !Buffer.from(there).equals(bytes);
  });
}

function slotOf({ slots }: Opened, name: string): number | undefined {
  const stored = slots.get(keyOf(name));
  return stored === undefined ? undefined : Number(stored.toString());
}

function scan(from: Database<Buffer, Buffer>, { prefix, after, limit }: VaultRange): readonly VaultRow[] {
  const start = after === undefined || after < prefix ? keyOf(prefix) : keyOf(`${after}\0`);
  const rows: VaultRow[] = [];
  if (limit <= 0) return rows;
  for (const { key, value } of from.getRange({ start, end: keyOf(`${prefix}\x7f`) })) {
    rows.push({ name: key.toString('latin1'), bytes: value });
    if (rows.length >= limit) break;
  }
  return rows;
}

function claimIn({ meta }: Opened): Claim | undefined {
  const stored = meta.get(claimKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as Claim);
}

const keyOf = (name: string): Buffer => Buffer.from(name, 'latin1');

/** Makes the names in a folder durable (fsync(2)). Windows has no such call and no need of it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
