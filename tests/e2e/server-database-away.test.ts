import { beforeEach, describe, expect, it } from 'vitest';
import { startPostgres } from '../../scripts/chaos/postgres.mjs';
import type { StoragePort } from '../../src/log/port.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';
import { noPostgres, openPostgres } from '../support/postgres-server.js';

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
  if (process.env.CAIO_TEST_POSTGRES_URL !== undefined)
    skip('the server that CAIO_TEST_POSTGRES_URL names is not ours to stop');
});

async function inReach(
  use: (caio: Running, postgres: Awaited<ReturnType<typeof startPostgres>>) => Promise<void>,
) {
  const postgres = await startPostgres();
  let storage: StoragePort | undefined;
  let caio: Running | undefined;
  try {
    storage = await openPostgres(await postgres.createDatabase('caio'), { timeoutMillis: 5_000 });
    caio = await startServer({ storage });
    await use(caio, postgres);
  } finally {
    await caio?.close();
    await storage?.close();
    await postgres.dispose();
  }
}

describe('PostgreSQL stopped and started under a running server', () => {
  it.each(['fast', 'immediate'] as const)(
    '%s: /ready goes and comes back, nothing is answered 5xx but 503, what was acknowledged is there',
    async (how) => {
      const echo = await startEcho('said');
      await inReach(async (caio, postgres) => {
        const ready = async () => (await caio.call('GET', '/ready', { key: 'decide' })).status;
        const registered = await caio.call('POST', '/api/v1/services', {
          key: 'register',
          body: echo.contract,
        });
        expect([registered.status, await ready()]).toEqual([201, 200]);

        const statuses = new Map<number, number>();
        const acknowledged: { readonly id: string; readonly index: number }[] = [];
        let going = true;
        const client = async () => {
          while (going) {
            const { status, headers } = await caio.call('POST', '/api/v1/orchestrate', {
              key: 'execute',
              body: chatRequest,
            });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status === 503) expect(headers.get('retry-after')).toBe('1');
            const [id, index] = [headers.get('x-caio-decision-id'), headers.get('x-caio-log-index')];
            if (status === 200 && id !== null) acknowledged.push({ id, index: Number(index) });
          }
        };
        const clients = [client(), client(), client()];
        const until = async (reached: () => boolean | Promise<boolean>) => {
          while (!(await reached())) await new Promise((resolve) => setImmediate(resolve));
        };
        await until(() => acknowledged.length >= 5);
        await postgres.stop(how);
        await until(async () => (await ready()) === 503);
        await until(() => (statuses.get(503) ?? 0) >= 5);
        expect((await caio.call('GET', '/health', {})).status).toBe(200);
        await postgres.start();
        await until(async () => (await ready()) === 200);
        const before = acknowledged.length;
        await until(() => acknowledged.length >= before + 5);
        going = false;
        await Promise.all(clients);

        expect([...statuses.keys()].sort()).toEqual([200, 503]);
        expect(echo.seen.length).toBeGreaterThanOrEqual(acknowledged.length);
        for (const { id, index } of acknowledged) {
          expect(await caio.log.read(index)).toMatchObject({ kind: 'decision', certificate: { id } });
        }
        const put = await caio.call('POST', '/api/v1/services', {
          key: 'register',
          body: wireContract('late'),
        });
        expect(put.status).toBe(201);
      });
      await echo.service.close();
    },
    120_000,
  );
});
