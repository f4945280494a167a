import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStorage } from '../../src/log/drivers/lmdb.js';
import { lmdbThreadStorage } from '../../src/log/drivers/lmdb-thread.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import type { StoragePort } from '../../src/log/port.js';
import { freshLogUrl, noPostgres, openPostgres } from './postgres-server.js';

/** One place that a store can be opened at, closed and opened again. */
export interface StoragePlace {
  open(): Promise<StoragePort>;
  dispose(): Promise<void>;
}

export interface StorageDriver {
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly skip?: string | undefined;
  /** Whether what was committed is still there after close and open. `skip` says why not. */
  readonly reopens: { readonly yes: true } | { readonly yes: false; readonly skip: string };
  place(): Promise<StoragePlace>;
}

/** A folder of its own for each place; opening it again closes it first. */
function folderDriver(name: string, openFolder: (folder: string) => Promise<StoragePort>): StorageDriver {
  return {
    name,
    reopens: { yes: true },
    place: async () => {
      // A dot in the name, which lmdb would take for a file's ending if it were not told otherwise.
      const folder = join(mkdtempSync(join(tmpdir(), 'caio-test-')), 'log.d');
      let open: StoragePort | undefined;
      return {
        open: async () => {
          await open?.close();
          open = await openFolder(folder);
          return open;
        },
        dispose: async () => {
          await open?.close();
          await rm(join(folder, '..'), { recursive: true, force: true });
        },
      };
    },
  };
}

/** Every driver, with places of its own for each test. */
export const storageDrivers: readonly StorageDriver[] = [
  {
    name: 'memory',
    reopens: { yes: false, skip: 'memory: lives and dies with its handle' },
    place: async () => {
      const store = memoryStorage();
      return { open: async () => store, dispose: () => store.close() };
    },
  },
  folderDriver('lmdb', (folder) => lmdbStorage(folder)),
  folderDriver('lmdb in a thread', lmdbThreadStorage),
  {
    name: 'postgres',
    skip: noPostgres,
    reopens: { yes: true },
    place: async () => {
      const url = await freshLogUrl();
      let open: StoragePort | undefined;
      return {
        open: async () => {
          await open?.close();
          open = await openPostgres(url);
          return open;
        },
        dispose: async () => open?.close(),
      };
    },
  },
];
