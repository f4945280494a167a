import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Fault } from '../../src/kernel/errors.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import type { StoragePort } from '../../src/log/port.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

let caio: Running | undefined;
afterEach(async () => {
  await caio?.close();
  caio = undefined;
});

/** Fails the commits that hold an entry of this kind, before they are written. */
function failingOn(storage: StoragePort): StoragePort & { kind: string | undefined } {
  const planted: StoragePort & { kind: string | undefined } = {
    ...storage,
    kind: undefined,
    commit: async (expected, batch) => {
      const texts = batch.blobs.map(({ bytes }) => Buffer.from(bytes).toString());
      if (planted.kind !== undefined && texts.some((text) => text.includes(`"kind":"${planted.kind}"`))) {
        throw new Fault('storage_failed', 'the store is away', { retryable: true });
      }
      return storage.commit(expected, batch);
    },
  };
  return planted;
}

const register = (running: Running, contract: object) =>
  running.call('POST', '/api/v1/services', { key: 'register', body: contract });

describe('when the store fails', () => {
  it('no payload leaves without a durable attempt, neither the first nor a fallback', async () => {
    const storage = failingOn(memoryStorage());
    caio = await startServer({ storage });
    const echo = await startEcho('standby', { alignment: { risk: 0.4 } });
    await register(caio, wireContract('broken'));
    await register(caio, echo.contract);
    const fallback = { max_services: 2, deadline_ms: 1000 };
    const body = { ...chatRequest, request: { ...chatRequest.request, fallback } };
    for (const kind of ['decision', 'attempt']) {
      storage.kind = kind;
      const failed = await caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body });
      expect([failed.status, failed.body.code], kind).toEqual([503, 'storage_failed']);
      expect(failed.headers.get('retry-after')).toBe('1');
      expect(echo.seen).toEqual([]);
    }
    storage.kind = undefined;
    const served = await caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body });
    expect([served.status, served.body.service.service, echo.seen.length]).toEqual([200, 'standby', 1]);
    await echo.service.close();
  });

  it('a put that was not recorded is not in force', async () => {
    const storage = failingOn(memoryStorage());
    caio = await startServer({ storage });
    storage.kind = 'contract.put';
    expect((await register(caio, wireContract('alpha'))).status).toBe(503);
    expect((await caio.call('GET', '/api/v1/services/alpha', { key: 'decide' })).status).toBe(404);
    storage.kind = undefined;
    expect((await register(caio, wireContract('alpha'))).status).toBe(201);
  });
});

describe('an execution that the log has outrun', () => {
  it('goes no further: nothing is sent to the fallback, and nothing of it is appended behind its span', async () => {
    const running = await startServer();
    caio = running;
    const decide = () => running.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    // A machine that slept for eleven minutes in the middle of a call, while another decision came in.
    const stalling = createServer((request, response) => {
      request.resume();
      running.advance(660e6);
      void decide().then(() => response.writeHead(500).end());
    });
    stalling.listen(0, '127.0.0.1');
    await once(stalling, 'listening');
    const url = `http://127.0.0.1:${(stalling.address() as AddressInfo).port}`;
    const standby = await startEcho('standby', { alignment: { risk: 0.4 } });
    await register(running, wireContract('stalling', { api: { protocol: 'caio', url } }));
    await register(running, standby.contract);
    const fallback = { max_services: 2, deadline_ms: 1000 };
    const body = { ...chatRequest, request: { ...chatRequest.request, fallback } };
    const before = running.log.size;
    const late = await running.call('POST', '/api/v1/orchestrate', { key: 'execute', body });
    expect([late.status, late.body.code]).toEqual([504, 'upstream_timeout']);
    expect(standby.seen).toEqual([]);
    const kinds = [];
    for (let i = before; i < running.log.size; i += 1) kinds.push((await running.log.read(i))?.kind);
    expect(kinds).toEqual(['decision', 'decision']);
    await standby.service.close();
    stalling.close();
  });
});

describe('a key that is revoked while its decision is on the way', () => {
  it('binds from its index on: the decision is not made again for it', async () => {
    const store = memoryStorage();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const storage: StoragePort = {
      ...store,
      commit: async (expected, batch) => {
        const revokes = batch.blobs.some(({ bytes }) => Buffer.from(bytes).includes('"kind":"key.revoke"'));
        if (revokes) begin();
        if (revokes) await released;
        return store.commit(expected, batch);
      },
    };
    caio = await startServer({ storage });
    await register(caio, wireContract('alpha'));
    const { log } = caio;
    const appendDecision = log.appendDecision.bind(log);
    log.appendDecision = (entry) => {
      const appended = appendDecision(entry);
      release();
      return appended;
    };
    const { size } = log;
    const id = caio.keys.decide?.slice(5, 21);
    const revoked = caio.call('DELETE', `/api/v1/keys/${id}`, { key: 'admin' });
    await begun;
    const decided = await caio.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    expect((await revoked).status).toBe(200);
    expect([decided.status, decided.body.reason]).toEqual([401, 'revoked']);
    expect(log.size).toBe(size + 1);
  });
});

describe('a defect', () => {
  it('fails closed: nothing of it is answered, and only where it came from is logged', async () => {
    const execute = () => Promise.reject(new Error('card number 4111-1111'));
    caio = await startServer({ execute });
    await register(caio, wireContract('alpha'));
    const failed = await caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body: chatRequest });
    expect([failed.status, failed.body.code]).toEqual([500, 'internal']);
    expect(failed.text).not.toMatch(/4111|at |\.ts/);
    const line = caio.lines.at(-1);
    expect(line).toMatchObject({ status: 500, code: 'internal', route: '/api/v1/orchestrate' });
    expect(line?.stack?.length).toBeGreaterThan(0);
    expect(JSON.stringify(caio.lines)).not.toContain('4111');
  });
});

describe('limits', () => {
  it('a caller above its rate is told when to come again, others are not held up', async () => {
    caio = await startServer({ rate: { perSecond: 0.001, burst: 3 } });
    const statuses = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await caio.call('GET', '/ready', { key: 'decide' })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const limited = await caio.call('GET', '/ready', { key: 'decide' });
    expect(limited.body.code).toBe('rate_limited');
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await caio.call('GET', '/ready', { key: 'metrics' })).status).toBe(200);
  });

  it('stops after the answers under way, and takes no more requests in the meantime', async () => {
    caio = await startServer();
    let finish: () => void = () => undefined;
    const upstream = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: "one"\n\n');
      finish = () => response.end('data: [DONE]\n\n');
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    await register(caio, wireContract('slow', { api: { protocol: 'caio', url } }));
    const response = await fetch(`${caio.url}/api/v1/orchestrate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${caio.keys.execute}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...chatRequest, stream: true }),
    });
    const closing = caio.close();
    caio = undefined;
    finish();
    expect(await response.text()).toBe('data: "one"\n\ndata: [DONE]\n\n');
    await closing;
    upstream.close();
  });

  it('breaks the connection when a service dies in mid-stream, so that nobody takes a part for the whole', async () => {
    caio = await startServer();
    const upstream = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: "one"\n\n', () => response.destroy());
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    await register(caio, wireContract('dying', { api: { protocol: 'caio', url } }));
    const response = await fetch(`${caio.url}/api/v1/orchestrate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${caio.keys.execute}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...chatRequest, stream: true }),
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    upstream.close();
  });
});
