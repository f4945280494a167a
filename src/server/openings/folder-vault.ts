import { join } from 'node:path';
import { ClaimedFolder, type FolderKind, newClaimToken } from '../../storage/claimed-folder.js';
import { type Binary, type Environment, keyBytes, openEnvironment } from '../../storage/lmdb-environment.js';
import { KeyShelf } from './key-shelf.js';
import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';

interface Opened extends Environment {
  readonly rows: Binary;
  /** Name of a key → its slot on the shelf, in decimal. */
  readonly slots: Binary;
  readonly shelf: KeyShelf;
  /** Blank slots below the end of the shelf. */
  readonly free: number[];
  end: number;
}

export const vaultFolder: FolderKind<Opened> = {
  code: 'vault_failed',
  called: 'vault',
  layout: 'caio/vault/v1',
  open: openFolder,
  closeRest: ({ shelf }) => shelf.close(),
};

/**
 * A vault in one folder of a local disk: rows in LMDB, wrapped keys on a shelf where they can be overwritten (ADR-0014). For one process at a time,
 * as the log's folder is (`ClaimedFolder`, ADR-0006); who opens it again with the same `token` takes up the claim that it left. Rejects with Fault
 * `vault_failed`; calls block the thread until the disk has them, so a server has it in one of its own (`threadVault`).
 */
export async function folderVault(folder: string, token = newClaimToken()): Promise<VaultStore> {
  const claimed = new ClaimedFolder(vaultFolder, folder, token);
  await claimed.claim(sweepShelf);
  return new FolderVault(claimed);
}

class FolderVault implements VaultStore {
  readonly durability = 'disk';
  readonly #folder: ClaimedFolder<Opened>;

  constructor(folder: ClaimedFolder<Opened>) {
    this.#folder = folder;
  }

  commit(change: VaultChange): Promise<void> {
    return this.#folder.write((opened, transact) => {
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
      transact(() => {
        for (const name of destroyed) opened.slots.removeSync(keyBytes(name));
        for (const { name, slot } of placed) opened.slots.putSync(keyBytes(name), Buffer.from(String(slot)));
        for (const name of deletes) opened.rows.removeSync(keyBytes(name));
        for (const { name, bytes } of puts) opened.rows.putSync(keyBytes(name), Buffer.from(bytes));
      });
      const replaced = placed.flatMap(({ before }) => before ?? []);
      for (const slot of replaced) opened.shelf.blank(slot);
      if (replaced.length > 0) opened.shelf.sync();
      opened.free.push(...gone, ...replaced);
    });
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.#folder.read(({ rows }) => rows.get(keyBytes(name)));
  }

  scan(range: VaultRange): Promise<readonly VaultRow[]> {
    return this.#folder.read(({ rows }) => scan(rows, range));
  }

  readKey(name: string): Promise<Uint8Array | undefined> {
    return this.#folder.read((opened) => {
      const slot = slotOf(opened, name);
      return slot === undefined ? undefined : opened.shelf.read(slot);
    });
  }

  scanKeys(range: VaultRange): Promise<readonly string[]> {
    return this.#folder.read(({ slots }) => scan(slots, range).map(({ name }) => name));
  }

  close(): Promise<void> {
    return this.#folder.close();
  }
}

function openFolder(folder: string): Opened {
  const environment = openEnvironment(folder, ['rows', 'slots']);
  const shelf = new KeyShelf(join(folder, 'keys'));
  const used = new Set([...environment.slots.getRange({})].map(({ value }) => Number(value.toString())));
  const end = Math.max(shelf.size, ...[...used].map((slot) => slot + 1));
  const free = Array.from({ length: end }, (_, slot) => slot).filter((slot) => !used.has(slot));
  return { ...environment, shelf, free, end };
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
  const stored = slots.get(keyBytes(name));
  return stored === undefined ? undefined : Number(stored.toString());
}

function scan(from: Binary, { prefix, after, limit }: VaultRange): readonly VaultRow[] {
  const start = after === undefined || after < prefix ? keyBytes(prefix) : keyBytes(`${after}\0`);
  const rows: VaultRow[] = [];
  if (limit <= 0) return rows;
  for (const { key, value } of from.getRange({ start, end: keyBytes(`${prefix}\x7f`) })) {
    rows.push({ name: key.toString('latin1'), bytes: value });
    if (rows.length >= limit) break;
  }
  return rows;
}
