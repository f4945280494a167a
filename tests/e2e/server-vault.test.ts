import { afterEach, describe, expect, it } from 'vitest';
import { memoryVault } from '../../src/server/openings/memory-vault.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { erasureEntries } from '../fixtures/server/opened-vault.js';
import { chatRequest, type Running, startServer } from '../fixtures/server/running-server.js';
import { faultyVault } from '../support/faulty-vault.js';

const dayMicros = 86_400 * 1e6;
let caio: Running;
let echo: Awaited<ReturnType<typeof startEcho>>;
afterEach(async () => {
  await caio.close();
  await echo.service.close();
});

async function start(openings: Parameters<typeof startServer>[0]): Promise<void> {
  caio = await startServer(openings);
  echo = await startEcho('said');
  await caio.call('POST', '/api/v1/services', { key: 'register', body: echo.contract });
}

const orchestrate = () => caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body: chatRequest });

describe('while the vault cannot be written', () => {
  it.each(['did not persist', 'did persist'] as const)(
    'nothing is decided, recorded or sent, and it is back without a restart: %s',
    async (mode) => {
      const store = faultyVault(memoryVault());
      await start({ openings: { store } });
      const { size } = caio.log;
      // The key of each of two openings is looked for, then both are committed.
      store.plant(2, mode);
      const answer = await orchestrate();
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'vault_failed',
        '1',
      ]);
      expect([caio.log.size, echo.seen]).toEqual([size, []]);
      store.plant(0, mode);
      const away = await caio.call('GET', '/ready', { key: 'decide' });
      expect([away.status, away.body.code]).toEqual([503, 'vault_failed']);
      expect((await caio.call('GET', '/ready', { key: 'decide' })).status).toBe(200);
      const again = await orchestrate();
      expect(again.status).toBe(200);
      const left = await caio.call('GET', `/api/v1/traces/${again.body.decision_id}/openings`, {
        key: 'execute',
      });
      expect(Object.keys(left.body.openings)).toEqual(['payload', 'request.subject', 'result.0']);
    },
  );
});

describe('retention', () => {
  it('destroys a class when its time has come, says so in the log, and every level holds', async () => {
    await start({ openings: { store: memoryVault(), keep: { internal: dayMicros } } });
    const { decision_id: decision } = (await orchestrate()).body;
    const sweep = () => caio.call('POST', '/api/v1/sweeps', { key: 'admin' });
    expect((await sweep()).body).toEqual({ expired: [] });
    caio.advance(3 * dayMicros);
    const swept = await sweep();
    expect(swept.body).toEqual({
      expired: [{ retention: 'internal', openings: 3, log_index: caio.log.size - 1 }],
    });
    const trace = await caio.call('GET', `/api/v1/traces/${decision}`, { key: 'execute' });
    expect(trace.body).not.toHaveProperty('openings');
    expect(trace.body.openings_gone).toEqual(['payload', 'request.subject']);
    expect(await erasureEntries(caio.log)).toMatchObject([
      { action: 'expire', retention: 'internal', openings: 3, author: { method: 'api_key' } },
    ]);
    expect((await caio.call('POST', '/api/v1/sweeps', { key: 'execute' })).status).toBe(403);
  });
});
