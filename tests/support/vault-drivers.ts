import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderVault } from '../../src/server/openings/folder-vault.js';
import { memoryVault } from '../../src/server/openings/memory-vault.js';
import { postgresVault } from '../../src/server/openings/postgres-vault.js';
import { threadVault } from '../../src/server/openings/thread-vault.js';
import type { VaultStore } from '../../src/server/openings/vault-port.js';
import { addressOf, freshLogUrl, noPostgres } from './postgres-server.js';

/** One place that a vault's store can be opened at, closed and opened again. */
export interface VaultPlace {
  /** Where its files are; absent when there are none. */
  readonly folder?: string;
  open(): Promise<VaultStore>;
  dispose(): Promise<void>;
}

export interface VaultDriver {
  readonly name: string;
  /** Why it cannot be tested here; `undefined` when it can. */
  readonly missing?: string | undefined;
  place(): Promise<VaultPlace>;
}

/** Every driver. A store in memory is the same one when it is opened again, since it lives and dies with its handle. */
export const vaultDrivers: readonly VaultDriver[] = [
  {
    name: 'memory',
    place: async () => {
      const store = memoryVault();
      return { open: async () => store, dispose: () => store.close() };
    },
  },
  { name: 'folder', place: () => placeOf(folderVault) },
  { name: 'folder in a thread', place: () => placeOf(threadVault) },
  { name: 'PostgreSQL', missing: noPostgres, place: databasePlace },
];

/** A database whose server syncs nothing is not refused here. */
async function databasePlace(): Promise<VaultPlace> {
  const address = addressOf(await freshLogUrl());
  let open: VaultStore | undefined;
  return {
    open: async () => {
      await open?.close();
      open = await postgresVault(address, { allowVolatile: true });
      return open;
    },
    dispose: async () => {
      await open?.close();
    },
  };
}

async function placeOf(openFolder: (folder: string) => Promise<VaultStore>): Promise<VaultPlace> {
  const above = mkdtempSync(join(tmpdir(), 'caio-test-'));
  const folder = join(above, 'vault.d');
  let open: VaultStore | undefined;
  return {
    folder,
    open: async () => {
      await open?.close();
      open = await openFolder(folder);
      return open;
    },
    dispose: async () => {
      await open?.close();
      await rm(above, { recursive: true, force: true });
    },
  };
}
