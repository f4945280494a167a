import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { freshLogUrl, noPostgres } from '../support/postgres-server.js';
import { type Served, serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
const file = (name: string): string => scratch.path(name);
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.dispose());
beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});

async function call(server: Served, method: string, path: string, key: string, body?: unknown) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

test('two servers on one database share openings and subjects, an erasure on one is one on both, and the key can be changed', async () => {
  const environment = { LOG_URL: await freshLogUrl() };
  expect(await caio(['init', file('home'), '--postgres', 'env:LOG_URL'])).toMatchObject({ code: 0 });
  const config = file('home/caio.yaml');
  const admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  const [one, other] = (await Promise.all([serve(config, environment), serve(config, environment)])) as [
    Served,
    Served,
  ];
  expect(one.printed).toMatch(/openings are in the database \S+ at \S+, schema \S+, under the vault key /);
  const echo = await startEcho('said');
  expect((await call(one, 'POST', '/api/v1/services', admin, echo.contract)).status).toBe(201);
  const grant = {
    tenant: 'acme',
    permissions: ['chat:use'],
    trust_level: 5,
    scopes: ['execute', 'decide', 'traces'],
    expires: '2199-01-01T00:00:00Z',
    subject: 'clerk-at-desk-9',
  };
  const clerk = (await call(one, 'POST', '/api/v1/keys', admin, grant)).body.key as string;
  const request = {
    request: { ...chatRequest.request, subject: 'patient-17' },
    payload: { messages: [{ role: 'user', content: 'hello' }] },
  };
  const openings = async (server: Served, decision: string) =>
    (await call(server, 'GET', `/api/v1/traces/${decision}/openings`, clerk)).body;
  // Until the other one has heard of the key.
  while ((await call(other, 'GET', '/api/v1/services', clerk)).status === 401);

  const made = await call(other, 'POST', '/api/v1/orchestrate', clerk, request);
  expect(made.status).toBe(200);
  const decision = made.body.decision_id as string;
  const whole = await openings(other, decision);
  expect(whole.openings).toMatchObject({
    'caller.subject': { value: 'clerk-at-desk-9' },
    'request.subject': { value: 'patient-17' },
  });
  expect(await openings(one, decision)).toEqual(whole);

  const erase = (server: Served, subject: string) =>
    call(server, 'POST', '/api/v1/erasures', admin, { subject, tenant: 'acme' });
  expect(await erase(one, 'patient-17')).toMatchObject({ status: 200 });
  const after = await openings(other, decision);
  expect(after.gone).toContain('request.subject');
  expect(after.openings).toMatchObject({ 'caller.subject': { value: 'clerk-at-desk-9' } });
  expect(await openings(one, decision)).toEqual(after);
  // The key works on without its subject, on the other one at once.
  expect(await erase(one, 'clerk-at-desk-9')).toMatchObject({ status: 200 });
  const later = await call(other, 'POST', '/api/v1/orchestrate', clerk, request);
  expect(later.status).toBe(200);
  expect(Object.keys((await openings(other, later.body.decision_id)).openings)).not.toContain(
    'caller.subject',
  );

  for (const server of [one, other]) expect(await server.stop()).toBe(0);
  const rotate = ['vault', 'rotate', '--config', config, '--new-key', file('home/vault-2.key')];
  expect(await caio(rotate, environment)).toMatchObject({ code: 0 });
  expect(await caio(['serve', '--config', config, '--port', '0'], environment)).toMatchObject({
    code: 4,
    err: expect.stringMatching(/The vault is under the vault key \w+; the key given is/),
  });
  await echo.service.close();
}, 120_000);
