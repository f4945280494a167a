/** The servers of `bench/throughput.ts`: `empty` (Fastify with one route that answers a small JSON), or CAIO over a store, `memory` or `lmdb FOLDER`. */
import { fastify } from 'fastify';
import { lmdbThreadStorage } from '../src/log/drivers/lmdb-thread.js';
import { memoryStorage } from '../src/log/drivers/memory.js';
import { startCaio } from './caio-server.js';
import { benchState } from './decide-world.js';
import { announce } from './servers.js';

const [kind, folder] = process.argv.slice(2);

if (kind === 'empty') {
  const app = fastify();
  app.post('/api/v1/route', async () => ({ outcome: 'none' }));
  announce(await app.listen({ host: '127.0.0.1', port: 0 }));
} else {
  const storage = kind === 'lmdb' ? await lmdbThreadStorage(folder as string) : memoryStorage();
  const { url, key } = await startCaio(storage, benchState(100, 50));
  announce(url, key);
}
