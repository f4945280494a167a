import { serveStore } from '../../log/drivers/serve-store.js';
import { folderVault } from './folder-vault.js';
import { ownBytes, type VaultCall } from './vault-calls.js';
import type { VaultStore } from './vault-port.js';

async function perform(store: VaultStore, call: VaultCall): Promise<unknown> {
  switch (call.name) {
    case 'commit':
      return store.commit(call.change);
    case 'read':
      return own(await store.read(call.row));
    case 'readKey':
      return own(await store.readKey(call.key));
    case 'scan':
      return ownBytes(await store.scan(call.range));
    case 'scanKeys':
      return store.scanKeys(call.range);
    default:
      return call satisfies never;
  }
}

const own = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : Uint8Array.from(bytes);

await serveStore<VaultStore, VaultCall>(({ folder, token }) => folderVault(folder, token), perform);
