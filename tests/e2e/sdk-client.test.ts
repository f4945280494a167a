import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidError, PayloadError, RefusedError, UnavailableError } from '../../src/sdk/caio-error.js';
import { CaioClient } from '../../src/sdk/client.js';
import { defineService, type Service } from '../../src/sdk/service.js';
import { PayloadRefused } from '../../src/sdk/service-protocol.js';
import { type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

let caio: Running;
let service: Service;
let client: CaioClient;
let leaving: Promise<void>;
let left = () => {};

const wire = (id: string, url: string, more = {}) =>
  wireContract(id, { api: { protocol: 'caio', url }, ...more });
const chat = (payload: unknown, more = {}) => ({
  request: {
    intent: { type: 'chat' },
    requirements: { capabilities: [{ type: 'chat' }] },
    ...more,
  },
  payload,
});

beforeAll(async () => {
  caio = await startServer();
  client = new CaioClient({ url: `${caio.url}/`, key: caio.keys.admin ?? '' });
  leaving = new Promise((resolve) => {
    left = resolve;
  });
  service = defineService({
    contract: wire('alpha', 'http://127.0.0.1:1'),
    execute: ({ payload, stream }, { signal }) => {
      if (payload === 'unfit') throw new PayloadRefused('not fit');
      return stream ? chunks(payload, signal) : { result: { echo: payload }, usage: { output_tokens: 1 } };
    },
  });
  const { url } = await service.listen({ port: 0 });
  await client.register(wire('alpha', url));
});

async function* chunks(payload: unknown, signal: AbortSignal) {
  yield { n: 1, payload };
  if (payload === 'endless') {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    left();
    return;
  }
  if (payload === 'dying') throw new Error('on purpose');
  yield { n: 2 };
}

afterAll(async () => {
  await service.close();
  await caio.close();
});

describe('a client', () => {
  it('registers, replaces, disables, enables, lists and removes services', async () => {
    expect(await client.register(wire('beta', 'http://127.0.0.1:9'))).toMatchObject({
      id: 'beta',
      enabled: true,
    });
    const second = await client.replace('beta', wire('beta', 'http://127.0.0.1:9', { version: '2.0.0' }));
    expect([second.version, second.contract.version]).toEqual(['2.0.0', '2.0.0']);
    await client.disable('beta', 'being tested');
    expect(await client.service('beta')).toMatchObject({ availability: 'disabled', reason: 'being tested' });
    await client.enable('beta');
    expect((await client.services()).items.map(({ id, enabled }) => [id, enabled])).toEqual([
      ['alpha', true],
      ['beta', true],
    ]);
    await client.remove('beta');
    expect((await client.services('alpha')).items).toEqual([]);
    await expect(client.service('beta')).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  it('puts policies in force and removes them', async () => {
    const text = `id: cheap
version: 1.0.0
rules:
  - { id: never, type: cost, when: 'true', require: 'false', reason: nobody, priority: 1 }
`;
    expect(await client.putPolicy(text)).toMatchObject({ id: 'cheap', version: '1.0.0' });
    const refused = await client.orchestrate(chat('x')).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    const { decisionId, code } = refused as RefusedError;
    expect(code).toBe('no_admissible_service');
    expect((await client.trace(decisionId ?? '')).certificate.outcome).toMatchObject({
      decision: 'refused',
      step: 'rules',
      nearest: [{ service: 'alpha', lacked: [{ code: 'rule_violated', ref: 'cheap/never' }] }],
    });
    await client.removePolicy('cheap');
  });

  it('discovers, routes and orchestrates', async () => {
    const found = await client.discover(chat(null));
    expect(found.matched.map(({ id }) => id)).toEqual(['alpha']);
    const routed = await client.route(chat(null));
    expect([routed.outcome, routed.certificate.id]).toEqual(['routed', routed.decision_id]);
    const answer = await client.orchestrate(chat({ a: [1, 'ü'] }));
    expect(answer.result).toEqual({ echo: { a: [1, 'ü'] } });
    expect(answer.service.service).toBe('alpha');
    expect(answer.attempts).toMatchObject([
      { rank: 0, measured: { result: 'answered', tokens: { output_tokens: 1 } } },
    ]);
  });

  it('draws the seed itself, another one each time, unless it is given', async () => {
    const seeds: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { inputs } = (await client.route(chat(null))).certificate;
      expect(inputs.seed_origin).toBe('caller');
      seeds.push(inputs.seed);
    }
    expect(new Set(seeds).size).toBe(3);
    expect((await client.route(chat(null, { seed: 42 }))).certificate.inputs.seed).toBe(42);
  });

  it('streams a result chunk by chunk', async () => {
    const stream = await client.orchestrateStream(chat('p'));
    const all: unknown[] = [];
    for await (const chunk of stream) all.push(chunk);
    expect(all).toEqual([{ n: 1, payload: 'p' }, { n: 2 }]);
    const { events } = await client.trace(stream.decisionId);
    expect(events.map(({ kind }) => kind)).toContain('outcome');
  });

  it('that leaves a stream cancels the call at the service', async () => {
    for await (const chunk of await client.orchestrateStream(chat('endless'))) {
      expect(chunk).toEqual({ n: 1, payload: 'endless' });
      break;
    }
    await leaving;
  });

  it('gets an error when the service dies in mid-stream, never a short answer', async () => {
    const all: unknown[] = [];
    await expect(async () => {
      for await (const chunk of await client.orchestrateStream(chat('dying'))) all.push(chunk);
    }).rejects.toMatchObject({ code: 'upstream_failed' });
    expect(all).toEqual([{ n: 1, payload: 'dying' }]);
  });

  it('fetches traces, and checks a decision itself, level by level', async () => {
    const { decision_id: id } = await client.orchestrate(chat('p'));
    expect((await client.traces()).items[0]).toMatchObject({ decision_id: id, outcome: 'routed' });
    for (const level of [1, 2, 3] as const) {
      const report = await client.verifyTrace(id, { key: caio.verifierKey, level });
      expect([report.holds, report.level]).toEqual([true, level]);
    }
    const other = 'caio.test+00000000+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh';
    await expect(client.verifyTrace(id, { key: other })).resolves.toMatchObject({ holds: false, level: 0 });
  });

  it('throws errors by kind', async () => {
    const invalid = await client
      .route({ request: { intent: { type: '' } } })
      .catch((error: unknown) => error);
    expect(invalid).toBeInstanceOf(InvalidError);
    expect((invalid as InvalidError).problems.length).toBeGreaterThan(0);
    const nobody = new CaioClient({ url: caio.url, key: 'caio_0' });
    await expect(nobody.services()).rejects.toBeInstanceOf(RefusedError);
    await expect(nobody.services()).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
    const unfit = await client.orchestrate(chat('unfit')).catch((error: unknown) => error);
    expect(unfit).toBeInstanceOf(PayloadError);
    expect([(unfit as PayloadError).status, (unfit as PayloadError).result]).toEqual([
      422,
      { status: 422, title: 'not fit' },
    ]);
  });

  it('says so when there is no CAIO', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const away = new CaioClient({ url });
    await expect(away.services()).rejects.toBeInstanceOf(UnavailableError);
    await expect(away.services()).rejects.toMatchObject({
      code: 'server_unreachable',
      status: 0,
      retryable: true,
    });
  });

  it('follows no redirect with its key', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(new CaioClient({ url, key: 'k' }).services()).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toEqual(['/api/v1/services']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says so when something else than CAIO answers', async () => {
    const server = createServer((_, response) => response.end('<html>welcome</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(new CaioClient({ url }).services()).rejects.toThrow(UnavailableError);
    await expect(new CaioClient({ url }).services()).rejects.toThrow(/is not JSON: is CAIO there\?/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives back what it was aborted with, before the answer and within it', async () => {
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/route') === true) response.writeHead(200).write('{');
      asked();
    });
    let asked = () => {};
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const call of ['route', 'discover'] as const) {
      const reason = new Error(`enough of ${call}`);
      const leave = new AbortController();
      asked = () => setImmediate(() => leave.abort(reason));
      const ended = new CaioClient({ url })[call](chat('x'), { signal: leave.signal });
      await expect(ended).rejects.toBe(reason);
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['localhost:8080', 'ftp://caio.example', 'http://u:secret@caio.example', 'caio.example', ''])(
    'does not take %j for an address, nor repeat it',
    (url) => {
      expect(() => new CaioClient({ url })).toThrow(/^CaioClient needs an http or https URL without/);
    },
  );

  it('takes its address from the environment, and needs one', () => {
    const before = process.env.CAIO_SERVICE_URL;
    delete process.env.CAIO_SERVICE_URL;
    expect(() => new CaioClient()).toThrow(/CAIO_SERVICE_URL/);
    process.env.CAIO_SERVICE_URL = caio.url;
    expect(new CaioClient()).toBeInstanceOf(CaioClient);
    if (before === undefined) delete process.env.CAIO_SERVICE_URL;
    else process.env.CAIO_SERVICE_URL = before;
  });
});
