import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { CaioClient, defineService, PayloadRefused, type Service } from '../../src/sdk/index.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const second = 1_000_000;
const services: Service[] = [];
const servers: Server[] = [];
let caio: Running;

afterEach(async () => {
  await caio.close();
  await Promise.all(services.splice(0).map((service) => service.close()));
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const parameters = {
  ...defaultParameters,
  history: { epoch_trials: 30, epoch_micros: 3600 * second },
  breaker: { failures: 3, cooldown_micros: 60 * second },
};

async function start(overrides: Partial<typeof parameters> = {}): Promise<void> {
  caio = await startServer({ parameters: { ...parameters, ...overrides }, historyLookMillis: 5 });
}

/** A registered service that does what `execute` says. */
async function offer(
  id: string,
  execute: Parameters<typeof defineService>[0]['execute'],
  more: { readonly [name: string]: unknown } = {},
): Promise<string> {
  const service = defineService({ contract: wireContract(id, more), execute });
  const { url } = await service.listen({ port: 0 });
  services.push(service);
  await register(wireContract(id, { ...more, api: { protocol: 'caio', url } }));
  return url;
}

async function register(contract: object): Promise<void> {
  const answer = await caio.call('POST', '/api/v1/services', { key: 'register', body: contract });
  expect(answer.status, answer.text).toBe(201);
}

/** A service of its own protocol; the URL of it. */
async function plainServer(handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const orchestrate = (body: object = chatRequest) =>
  caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body });

async function historyOf(service: string) {
  const answer = await caio.call('GET', `/api/v1/services/${service}/history`, { key: 'decide' });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

const failing = (): never => {
  throw new Error('out of order');
};

describe('a service that fails', () => {
  it('is held out by its breaker, let in again after the cooldown, and held out by one more failure', async () => {
    await start();
    await offer('broken', failing);
    for (let i = 0; i < 3; i += 1) expect((await orchestrate()).status).toBe(502);
    await expect.poll(async () => (await historyOf('broken')).breaker.state).toBe('open');
    expect((await historyOf('broken')).breaker).toMatchObject({
      failures_in_a_row: 3,
      opens_at_failures: 3,
    });
    const refused = await orchestrate();
    expect(refused.body.code).toBe('no_admissible_service');
    expect(JSON.stringify(refused.body.outcome)).toContain('held_out');
    expect((await caio.call('GET', '/metrics', { key: 'metrics' })).text).toContain(
      'caio_services_held_out 1',
    );

    caio.advance(61 * second);
    await expect.poll(async () => (await historyOf('broken')).breaker.state).toBe('closed');
    expect((await orchestrate()).status).toBe(502);
    await expect.poll(async () => (await historyOf('broken')).breaker.state).toBe('open');
  });

  it('that an operator has disabled is not let in by the breaker', async () => {
    await start();
    await offer('broken', failing);
    for (let i = 0; i < 3; i += 1) await orchestrate();
    await expect.poll(async () => (await historyOf('broken')).breaker.state).toBe('open');
    const disabled = await caio.call('POST', '/api/v1/services/broken/disable', {
      key: 'register',
      body: { reason: 'under repair' },
    });
    expect(disabled.body).toMatchObject({ availability: 'disabled', reason: 'under repair' });
    caio.advance(3600 * second);
    // The other service's breaker is looked at in the same look.
    await offer('other', failing, { capabilities: [{ type: 'other' }] });
    const other = { ...chatRequest, request: { ...chatRequest.request, intent: { type: 'other' } } };
    for (let i = 0; i < 3; i += 1) expect((await orchestrate(other)).status).toBe(502);
    await expect.poll(async () => (await historyOf('other')).breaker.state).toBe('open');
    caio.advance(61 * second);
    await expect.poll(async () => (await historyOf('other')).breaker.state).toBe('closed');
    const service = await caio.call('GET', '/api/v1/services/broken', { key: 'register' });
    expect(service.body).toMatchObject({ availability: 'disabled', reason: 'under repair' });
  });
});

describe('a service that is slower than it promises', () => {
  it('is found in breach when the epoch closes; an honest one of the same epoch has no evidence against it', async () => {
    await start();
    const promise = { guarantees: { latency_p95_ms: { max: 0.001 }, accuracy: { min: 0.9 } } };
    await offer('slow', () => ({ result: 1 }), promise);
    await offer('honest', () => ({ result: 1 }), {
      capabilities: [{ type: 'other' }],
      guarantees: { latency_p95_ms: { max: 600_000 }, availability: { min: 0.9 } },
    });
    const other = { ...chatRequest, request: { ...chatRequest.request, intent: { type: 'other' } } };
    for (let i = 0; i < 15; i += 1) {
      expect((await orchestrate()).status).toBe(200);
      expect((await orchestrate(other)).status).toBe(200);
    }
    await expect.poll(async () => (await historyOf('slow')).epoch.number).toBe(1);
    const slow = await historyOf('slow');
    expect(slow).toMatchObject({
      trials: 15,
      successes: 15,
      promises: [
        { property: 'latency_p95_micros', p0_ppm: 50_000, trials: 15, misses: 15, verdict: 'breach' },
      ],
      next_epoch: { number: 2, from: slow.epoch.to, trials: 0 },
    });
    const counted = slow.latency.reduce(
      (sum: number, { successes }: { successes: number }) => sum + successes,
      0,
    );
    expect(counted).toBe(15);
    expect((await historyOf('honest')).promises).toEqual([
      { property: 'availability_ppm', p0_ppm: 100_000, trials: 15, misses: 0, verdict: 'no evidence (15)' },
      { property: 'latency_p95_micros', p0_ppm: 50_000, trials: 15, misses: 0, verdict: 'no evidence (15)' },
    ]);
    const metrics = (await caio.call('GET', '/metrics', { key: 'metrics' })).text;
    expect(metrics).toContain('caio_breached_promises 1');
    expect(metrics).toContain('caio_history_epoch 1');
    const entry = await caio.log.read(slow.epoch.to);
    expect(entry).toMatchObject({ kind: 'history.epoch', epoch: 1, from: 0, to: slow.epoch.to });
  });

  it('has a row that decisions read, and that the verifier derives them from', async () => {
    await start({ history: { epoch_trials: 4, epoch_micros: 3600 * second } });
    await offer('a', () => ({ result: 1 }));
    await offer('b', () => ({ result: 1 }), { capabilities: [{ type: 'other' }] });
    for (let i = 0; i < 4; i += 1) expect((await orchestrate()).status).toBe(200);
    await expect.poll(async () => (await historyOf('a')).epoch.number).toBe(1);
    const client = new CaioClient({ url: caio.url, key: caio.keys.admin ?? '' });
    const decided = await caio.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    const { epoch } = await client.history('a');
    expect(decided.body.certificate.inputs.state).toMatchObject({
      history_from: 0,
      history_to: epoch.to,
      as_of: epoch.to + 1,
    });
    // (4 + 1) of (4 + 2): the row counts, where a service without one has 500,000.
    expect(decided.body.certificate.ranking.best[0].terms[5]).toBe(833_333);
    const report = await client.verifyTrace(decided.body.decision_id, { key: caio.verifierKey });
    expect(report).toMatchObject({ holds: true, level: 3 });
  });

  it('has its epoch closed by time, too', async () => {
    await start();
    await offer('a', () => ({ result: 1 }));
    await orchestrate();
    caio.advance(3601 * second);
    await expect.poll(async () => (await historyOf('a')).epoch.number).toBe(1);
    expect(await historyOf('a')).toMatchObject({ trials: 1, successes: 1 });
  });
});

describe('what an outcome says', () => {
  const traceOf = async (decision: string) =>
    (await caio.call('GET', `/api/v1/traces/${decision}`, { key: 'execute' })).body;

  it('is what the call cost by the reported tokens, and the verdict on each promise', async () => {
    await start();
    const echo = await startEcho('a');
    services.push(echo.service);
    await register(echo.contract);
    const { body } = await orchestrate();
    const [outcome] = (await traceOf(body.decision_id)).events;
    // 1,000 a request, 3 input tokens at 1 and 2 output tokens at 2 micro-USD.
    expect(outcome.measured).toMatchObject({ result: 'answered', cost_micro_usd: 1007 });
    expect(
      outcome.verdicts.map(({ property, held }: { property: string; held: boolean }) => [property, held]),
    ).toEqual([
      ['latency_p95_micros', outcome.measured.latency_micros <= 500_000],
      ['cost_micro_usd', true],
    ]);
  });

  it('is the commitment to the answer, which its salt opens', async () => {
    await start();
    let sent = '';
    const url = await plainServer((_, response) => {
      sent = JSON.stringify({ result: 'ünïcode' });
      response.writeHead(200, { 'content-type': 'application/json' }).end(sent);
    });
    await register(wireContract('a', { api: { protocol: 'caio', url } }));
    const { body } = await orchestrate();
    const trace = await traceOf(body.decision_id);
    const salt = Buffer.from(trace.openings['result.0'], 'hex');
    expect(trace.events[0].result).toEqual({
      commitment: createHmac('sha256', salt).update(sent).digest('hex'),
    });
  });

  it('is that a service refused the payload, with no verdict', async () => {
    await start();
    await offer('a', () => {
      throw new PayloadRefused('not this');
    });
    const { status, headers } = await orchestrate();
    expect(status).toBe(422);
    const [outcome] = (await traceOf(headers.get('x-caio-decision-id') ?? '')).events;
    expect(outcome).toMatchObject({ measured: { result: 'rejected', status: 422 }, verdicts: [] });
    expect(outcome.result.commitment).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is that nothing was sent, where the secret is missing or the contract has no endpoint for the intent', async () => {
    await start();
    const seen: string[] = [];
    const url = await plainServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    });
    const codes: unknown[] = [];
    for (const api of [
      { protocol: 'caio', url, secret: 'env:NOT_GRANTED' },
      { protocol: 'http', url, endpoints: { other: { method: 'POST', path: '/other' } } },
    ]) {
      const contract = wireContract('a', { api });
      const { status } = await caio.call('POST', '/api/v1/services', { key: 'register', body: contract });
      expect([200, 201]).toContain(status);
      const answer = await orchestrate();
      const { events } = await traceOf(answer.headers.get('x-caio-decision-id') ?? '');
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        rank: 0,
        verdicts: [],
        measured: { result: 'not_sent', latency_micros: 0 },
      });
      codes.push(events[0].measured.code);
    }
    expect(codes).toEqual(['secret_unavailable', 'upstream_invalid']);
    expect(seen).toEqual([]);
    expect((await historyOf('a')).next_epoch.trials).toBe(0);
  });
});
