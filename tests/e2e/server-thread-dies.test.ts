import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lmdbThreadStorage } from '../../src/log/drivers/lmdb-thread.js';
import type { StoragePort } from '../../src/log/port.js';
import { threadVault } from '../../src/server/openings/thread-vault.js';
import type { VaultStore } from '../../src/server/openings/vault-port.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import {
  type Called,
  chatRequest,
  type Running,
  startServer,
  wireContract,
} from '../fixtures/server/running-server.js';
import { scratchFolder } from '../support/caio-command.js';
import { type Death, type DyingThread, dyingThread } from '../support/dying-thread.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let log: DyingThread;
let vault: DyingThread;
let storage: StoragePort;
let store: VaultStore;
let caio: Running;
let echo: Awaited<ReturnType<typeof startEcho>>;
beforeEach(async () => {
  scratch = await scratchFolder();
  const [logFolder, vaultFolder] = [scratch.path('log'), scratch.path('vault')];
  log = dyingThread('log', logFolder);
  vault = dyingThread('vault', vaultFolder);
  storage = await lmdbThreadStorage(logFolder, log.module);
  store = await threadVault(vaultFolder, vault.module);
  caio = await startServer({ storage, openings: { store } });
  echo = await startEcho('said');
  await register(echo.contract);
});
afterEach(async () => {
  log.plan();
  vault.plan();
  await caio.close();
  await echo.service.close();
  await store.close();
  await storage.close();
  await scratch.dispose();
});

const register = (contract: object) =>
  caio.call('POST', '/api/v1/services', { key: 'register', body: contract });
const orchestrate = () => caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body: chatRequest });
const ready = () => caio.call('GET', '/ready', { key: 'decide' });
const told = ({ status, body, headers }: Called) => [status, body.code, headers.get('retry-after')];

const many = (death: Death): readonly Death[] => Array.from({ length: 100 }, () => death);

describe.each([
  ['log', () => log, 'storage_failed'],
  ['vault', () => vault, 'vault_failed'],
] as const)('while each thread of the %s dies', (_, threadOf, code) => {
  it('what needs it is answered 503 with Retry-After, /ready too; all of it is back without a restart', async () => {
    const thread = threadOf();
    expect((await ready()).status).toBe(200);
    const { size } = caio.log;
    thread.plan(...many({ call: 'commit', when: 'before', how: 'exit' }));
    const before = thread.starts();
    for (const answer of [await orchestrate(), await ready(), await orchestrate(), await ready()]) {
      expect(told(answer)).toEqual([503, code, '1']);
    }
    // Each answer costs a thread or two; nothing starts them by itself, or again and again.
    const died = 100 - thread.left();
    expect([died >= 4, died <= 8, thread.starts() - before <= died]).toEqual([true, true, true]);
    expect((await caio.call('GET', '/health', {})).status).toBe(200);
    expect([echo.seen, caio.log.size]).toEqual([[], size]);
    thread.plan();
    expect((await ready()).status).toBe(200);
    expect((await orchestrate()).body).toMatchObject({ result: { text: 'said hello' } });
    expect((await register(wireContract('late'))).status).toBe(201);
  });
});

describe('when the thread of the log dies once', () => {
  it('a change that it had written is in force with the next thing that is recorded, and is there once', async () => {
    log.plan({ call: 'commit', when: 'after', how: 'exit' });
    expect(told(await register(wireContract('late')))).toEqual([503, 'storage_failed', '1']);
    expect((await ready()).status).toBe(200);
    expect((await caio.call('GET', '/api/v1/services/late', { key: 'decide' })).status).toBe(200);
    const again = await register(wireContract('late'));
    expect([again.status, caio.log.view.folded.state.contracts.length, log.starts()]).toEqual([200, 2, 2]);
  });
});
