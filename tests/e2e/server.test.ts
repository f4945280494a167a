import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

let caio: Running;
beforeAll(async () => {
  caio = await startServer();
});
afterAll(() => caio.close());

describe('registering services', () => {
  it('takes a new contract, gives it back as it was written, and lists it', async () => {
    const put = await caio.call('POST', '/api/v1/services', { key: 'register', body: wireContract('alpha') });
    expect(put.status).toBe(201);
    expect(put.body).toMatchObject({ id: 'alpha', version: '1.0.0', enabled: true });
    const read = await caio.call('GET', '/api/v1/services/alpha', { key: 'decide' });
    expect(read.body.contract).toMatchObject({
      cost: { per_million_input_tokens_usd: 1 },
      alignment: { risk: 0.1 },
    });
    const list = await caio.call('GET', '/api/v1/services', { key: 'decide' });
    expect(list.body.services).toEqual([
      { id: 'alpha', version: '1.0.0', digest: put.body.digest, enabled: true },
    ]);
  });
});

describe('deciding', () => {
  it('routes, with certificate, envelope, openings, log index and promise headers', async () => {
    const routed = await caio.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    expect(routed.status, routed.text).toBe(200);
    expect(routed.body).toMatchObject({ outcome: 'routed' });
  });
});
