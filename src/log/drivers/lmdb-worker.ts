import { serveStore } from '../../storage/serve-store.js';
import { lmdbStorage } from './lmdb.js';
import { performLmdbCall } from './lmdb-calls.js';

await serveStore(({ folder, token }) => lmdbStorage(folder, token), performLmdbCall);
