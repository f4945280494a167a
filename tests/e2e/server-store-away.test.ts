import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lmdbStorage } from '../../src/log/drivers/lmdb.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';
import { type FaultyStorage, faultyStorage } from '../support/faulty-storage.js';

let folder: string;
let storage: FaultyStorage;
let caio: Running;
let echo: Awaited<ReturnType<typeof startEcho>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caio-test-'));
  storage = faultyStorage(await lmdbStorage(folder));
  caio = await startServer({ storage });
  echo = await startEcho('said');
  await register(echo.contract);
});
afterEach(async () => {
  await caio.close();
  await echo.service.close();
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

const register = (contract: object) =>
  caio.call('POST', '/api/v1/services', { key: 'register', body: contract });
const orchestrate = () => caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body: chatRequest });
const ready = () => caio.call('GET', '/ready', { key: 'decide' });

describe('while the store is away', () => {
  it('what needs the log is answered 503 with Retry-After, /ready too; all of it is back without a restart', async () => {
    expect((await ready()).status).toBe(200);
    storage.plant(0, 'did not persist', 1_000);
    for (const answer of [
      await orchestrate(),
      await register(wireContract('late')),
      await ready(),
      await orchestrate(),
    ]) {
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'storage_failed',
        '1',
      ]);
    }
    expect((await caio.call('GET', '/health', {})).status).toBe(200);
    expect(echo.seen).toEqual([]);
    const { size } = caio.log;
    storage.plant(0, 'did not persist', 0);
    expect((await ready()).status).toBe(200);
    expect(caio.log.size).toBe(size);
    expect((await orchestrate()).body).toMatchObject({ result: { text: 'said hello' } });
    expect((await register(wireContract('late'))).status).toBe(201);
  });

  it('a change that was written although it failed is in force with the next thing that is recorded', async () => {
    storage.plant(0, 'did persist', 1);
    const put = await register(wireContract('late'));
    expect([put.status, put.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await ready()).status).toBe(200);
    expect((await caio.call('GET', '/api/v1/services/late', { key: 'decide' })).status).toBe(200);
    const again = await register(wireContract('late'));
    expect([again.status, caio.log.view.folded.state.contracts.length]).toEqual([200, 2]);
  });
});
