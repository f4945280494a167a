import { serveStore } from '../../storage/serve-store.js';
import { folderVault } from './folder-vault.js';
import { performVaultCall } from './vault-calls.js';

await serveStore(({ folder, token }) => folderVault(folder, token), performVaultCall);
