import { Fault } from '../../kernel/errors.js';
import { StoreThread, threadModule } from '../../log/drivers/store-thread.js';
import { ownBytes, type VaultCall } from './vault-calls.js';
import type { VaultChange, VaultRange, VaultRow, VaultStore } from './vault-port.js';

/** `folderVault` in a thread of its own. Rejects as it does, and with a retryable Fault `vault_failed` when the thread has ended. */
export async function threadVault(folder: string): Promise<VaultStore> {
  const thread = new StoreThread<VaultCall>({
    folder,
    module: threadModule(import.meta.url, 'server/openings', 'vault-worker'),
    fault: (what, retryable) =>
      new Fault('vault_failed', `The vault folder ${folder} ${what}.`, { retryable, subject: folder }),
  });
  await thread.begin();
  return new ThreadVault(thread);
}

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
