import { FolderFaults } from '../../storage/folder-faults.js';
import { StoreThread, threadModule } from '../../storage/store-thread.js';
import { vaultFolder } from './folder-vault.js';
import { ownBytes, type VaultCall } from './vault-calls.js';
import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';

/**
 * `folderVault` in a thread of its own, which runs `module`. Rejects as it does, and with a retryable Fault `vault_failed` when the thread has
 * ended.
 */
export async function threadVault(folder: string, module = ownModule()): Promise<VaultStore> {
  const thread = new StoreThread<VaultCall>(module, new FolderFaults(vaultFolder, folder));
  await thread.begin();
  return new ThreadVault(thread);
}

const ownModule = (): URL => threadModule(import.meta.url, 'server/openings', 'vault-worker');

class ThreadVault implements VaultStore {
  readonly durability = 'disk';
  readonly #thread: StoreThread<VaultCall>;

  constructor(thread: StoreThread<VaultCall>) {
    this.#thread = thread;
  }

  commit({ puts, keys, ...rest }: VaultChange): Promise<void> {
    const change = {
      ...rest,
      ...(puts === undefined ? {} : { puts: ownBytes(puts) }),
      ...(keys === undefined ? {} : { keys: ownBytes(keys) }),
    };
    return this.#thread.ask({ name: 'commit', change });
  }

  read(row: string): Promise<Uint8Array | undefined> {
    return this.#thread.ask({ name: 'read', row });
  }

  scan(range: VaultRange): Promise<readonly VaultRow[]> {
    return this.#thread.ask({ name: 'scan', range });
  }

  readKey(key: string): Promise<Uint8Array | undefined> {
    return this.#thread.ask({ name: 'readKey', key });
  }

  scanKeys(range: VaultRange): Promise<readonly string[]> {
    return this.#thread.ask({ name: 'scanKeys', range });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
