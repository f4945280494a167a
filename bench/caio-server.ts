import { randomBytes } from 'node:crypto';
import { defaultParameters } from '../src/contracts/default-parameters.js';
import type { State } from '../src/contracts/state.js';
import { openConnections } from '../src/gateway/connections.js';
import { secretsFrom } from '../src/gateway/secrets.js';
import type { StoragePort } from '../src/log/port.js';
import { signingKeyOf } from '../src/proofs/signing-key.js';
import { systemClock } from '../src/server/clock.js';
import { gatewayExecutor } from '../src/server/gateway-executor.js';
import { mintApiKey } from '../src/server/identity/api-key.js';
import { openServerLog } from '../src/server/open-server-log.js';
import { masterKeyOf } from '../src/server/openings/master-key.js';
import { vaultPorts } from '../src/server/openings/memory-log-vault.js';
import { openLogVault } from '../src/server/openings/vault.js';
import type { VaultStore } from '../src/server/openings/vault-port.js';
import { pooledRandom } from '../src/server/random.js';
import { createServer } from '../src/server/server.js';

/**
 * CAIO on loopback over a store, beginning with contracts and policies; and an API key with the permission `route`. Openings are in `store`, or in
 * memory.
 */
export async function startCaio(
  storage: StoragePort,
  { contracts, policies }: Pick<State, 'contracts' | 'policies'>,
  store?: VaultStore,
): Promise<{ readonly url: string; readonly key: string }> {
  const signingKey = signingKeyOf('caio.bench', randomBytes(32));
  if (!signingKey.ok) throw new Error(signingKey.error.message);
  const now = systemClock.wallMicros();
  const times = { not_before: now - 1e9, expires: now + 1e13 };
  const grant = { tenant: 'acme', permissions: ['route'], trust_level: 5, scopes: ['admin'], ...times };
  const { key, record } = mintApiKey(grant, randomBytes);
  const beginning = { parameters: defaultParameters, contracts, policies, keys: [record] };
  const log = await openServerLog(storage, signingKey.value, systemClock, beginning);
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  const random = pooledRandom();
  const master = masterKeyOf(randomBytes(32));
  const vault =
    store === undefined
      ? undefined
      : await openLogVault({ store, master, random, ...vaultPorts(log.value, systemClock) });
  const secrets = secretsFrom({ environment: {}, grants: new Map() });
  const server = await createServer({
    version: 'bench',
    clock: systemClock,
    random,
    log: log.value,
    signingKey: signingKey.value,
    ...(vault === undefined ? {} : { vault }),
    execute: gatewayExecutor(openConnections(), secrets, systemClock),
  });
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), key };
}
