/**
 * A server for `bench/throughput.ts`, as a process of its own: `empty` (Fastify with one route that answers a small JSON), or CAIO over a store, `memory`
 * or `lmdb FOLDER`. Prints its URL and an API key, and ends when its standard input does.
 */
import { randomBytes } from 'node:crypto';
import { fastify } from 'fastify';
import { defaultParameters } from '../src/contracts/default-parameters.js';
import { openConnections } from '../src/gateway/connections.js';
import { secretsFrom } from '../src/gateway/secrets.js';
import { lmdbThreadStorage } from '../src/log/drivers/lmdb-thread.js';
import { memoryStorage } from '../src/log/drivers/memory.js';
import { signingKeyOf } from '../src/proofs/signing-key.js';
import { systemClock } from '../src/server/clock.js';
import { gatewayExecutor } from '../src/server/gateway-executor.js';
import { mintApiKey } from '../src/server/identity/api-key.js';
import { openServerLog } from '../src/server/open-server-log.js';
import { pooledRandom } from '../src/server/random.js';
import { createServer } from '../src/server/server.js';
import { benchState } from './decide-world.js';

const host = '127.0.0.1';
const [kind, folder] = process.argv.slice(2);

async function startEmpty(): Promise<string> {
  const app = fastify();
  app.post('/api/v1/route', async () => ({ outcome: 'none' }));
  return app.listen({ host, port: 0 });
}

async function startCaio(services: number, rules: number): Promise<{ url: string; key: string }> {
  const signingKey = signingKeyOf('caio.bench', randomBytes(32));
  if (!signingKey.ok) throw new Error(signingKey.error.message);
  const now = systemClock.wallMicros();
  const times = { not_before: now - 1e9, expires: now + 1e13 };
  const grant = { tenant: 'acme', permissions: ['chat:use'], trust_level: 5, scopes: ['admin'], ...times };
  const { key, record } = mintApiKey(grant, randomBytes);
  const storage = kind === 'lmdb' ? await lmdbThreadStorage(folder as string) : memoryStorage();
  const { contracts, policies } = benchState(services, rules);
  const beginning = { parameters: defaultParameters, contracts, policies, keys: [record] };
  const log = await openServerLog(storage, signingKey.value, systemClock, beginning);
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  const secrets = secretsFrom({ environment: {}, grants: new Map() });
  const server = await createServer({
    version: 'bench',
    clock: systemClock,
    random: pooledRandom(),
    log: log.value,
    signingKey: signingKey.value,
    execute: gatewayExecutor(openConnections(), secrets, systemClock),
  });
  return { url: await server.listen({ host, port: 0 }), key };
}

const started = kind === 'empty' ? { url: await startEmpty(), key: 'none' } : await startCaio(100, 50);
console.log(JSON.stringify(started));
process.stdin.resume().on('end', () => process.exit(0));
