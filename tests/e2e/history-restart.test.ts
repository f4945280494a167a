import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineService, type Service } from '../../src/sdk/index.js';
import { chatRequest, wireContract } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { type Served, serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
let admin = '';
const services: Service[] = [];

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const historyOf = async (service: string) => (await call('GET', `/api/v1/services/${service}/history`)).body;

/** A registered service for an intent of its own name. */
async function offer(
  id: string,
  guarantees: object,
  execute: () => { readonly result: unknown },
): Promise<void> {
  const more = { capabilities: [{ type: id }], guarantees, security: { permissions: [], trust_level: 0 } };
  const service = defineService({ contract: wireContract(id, more), execute });
  services.push(service);
  const { url } = await service.listen({ port: 0 });
  const contract = wireContract(id, { ...more, api: { protocol: 'caio', url } });
  expect((await call('POST', '/api/v1/services', contract)).status).toBe(201);
}

async function ask(intent: string): Promise<number> {
  const request = { intent: { type: intent }, data: chatRequest.request.data };
  return (await call('POST', '/api/v1/orchestrate', { request, payload: 1 })).status;
}

beforeAll(async () => {
  scratch = await scratchFolder();
  const home = scratch.path('home');
  expect(await caio(['init', home, '--name', 'caio.example'])).toMatchObject({ code: 0 });
  admin = (await readFile(`${home}/admin.key`, 'utf8')).trim();
  server = await serve(`${home}/caio.yaml`);
});

afterAll(async () => {
  await server.kill();
  await Promise.all(services.map((service) => service.close()));
  await scratch.dispose();
});

describe('kill -9 and another start', () => {
  test('leave the table of the epoch, its verdicts, what the next one has counted and the breakers as they were', async () => {
    const { parameters } = (await call('GET', '/api/v1/parameters')).body;
    const changed = {
      ...parameters,
      history: { epoch_trials: 12, epoch_ms: 3_600_000 },
      breaker: { failures: 2, cooldown_ms: 3_600_000 },
    };
    expect((await call('PUT', '/api/v1/parameters', changed)).status).toBe(200);
    await offer('slow', { latency_p95_ms: { max: 0.001 } }, () => ({ result: 1 }));
    await offer('broken', { availability: { min: 0.9 } }, () => {
      throw new Error('out of order');
    });
    for (let i = 0; i < 10; i += 1) expect(await ask('slow')).toBe(200);
    for (let i = 0; i < 2; i += 1) expect(await ask('broken')).toBe(502);
    await expect.poll(async () => (await historyOf('slow')).epoch.number).toBe(1);
    await expect.poll(async () => (await historyOf('broken')).breaker.state).toBe('open');
    for (let i = 0; i < 3; i += 1) expect(await ask('slow')).toBe(200);

    const before = await Promise.all(['slow', 'broken'].map(historyOf));
    expect(before[0]).toMatchObject({
      promises: [{ property: 'latency_p95_micros', trials: 10, misses: 10, verdict: 'breach' }],
      next_epoch: { number: 2, trials: 3 },
    });
    expect(before[1]).toMatchObject({
      trials: 2,
      successes: 0,
      promises: [{ property: 'availability_ppm', trials: 2, misses: 2, verdict: 'no evidence (2)' }],
      breaker: { state: 'open', failures_in_a_row: 2 },
    });
    await server.kill();
    server = await serve(scratch.path('home/caio.yaml'));
    expect(await Promise.all(['slow', 'broken'].map(historyOf))).toEqual(before);

    const asAdmin = ['--url', server.url, '--key-file', scratch.path('home/admin.key')];
    const printed = await caio(['history', 'slow', ...asAdmin]);
    expect(printed.out).toMatch(/^slow: 10 of 10 calls answered in epoch 1, log entries 0 to \d+\n/);
    expect(printed.out).toContain('  latency_p95_micros: 10 of 10 missed, 5 % allowed: breach\n');
    expect((await caio(['history', 'broken', ...asAdmin])).out).toMatch(/breaker open until \S+Z: held out/);
    expect(JSON.parse((await caio(['history', 'slow', ...asAdmin, '--json'])).out)).toEqual(before[0]);
    const unknown = await caio(['history', 'unknown', ...asAdmin]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/no service of that id/);

    // The count goes on where it was: the twelfth trial of the epoch closes it.
    for (let i = 0; i < 9; i += 1) expect(await ask('slow')).toBe(200);
    await expect.poll(async () => (await historyOf('slow')).epoch.number).toBe(2);
    expect(await historyOf('slow')).toMatchObject({ trials: 12, successes: 12 });
    expect(await ask('broken')).toBe(422);

    // Whoever reads the log from its beginning comes to the same epochs, breaches and breakers.
    const audit = ['audit', '--server', server.url, '--key-file', scratch.path('home/admin.key'), '--json'];
    const { code, out, err } = await caio(audit);
    expect(code, out + err).toBe(0);
  }, 60_000);
});
