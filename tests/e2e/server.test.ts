import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/kernel/canonical.js';
import type { Service } from '../../src/sdk/index.js';
import { verify } from '../../src/verifier/index.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

let caio: Running;
beforeAll(async () => {
  caio = await startServer();
});
afterAll(() => caio.close());

const register = (contract: object, path = '/api/v1/services', method = 'POST') =>
  caio.call(method, path, { key: 'register', body: contract });
const route = (body: object = chatRequest) => caio.call('POST', '/api/v1/route', { key: 'decide', body });

/** Every test begins with an empty registry. */
beforeEach(async () => {
  const { body } = await caio.call('GET', '/api/v1/services', { key: 'decide' });
  for (const { id } of body.services)
    await caio.call('DELETE', `/api/v1/services/${id}`, { key: 'register' });
  const { body: list } = await caio.call('GET', '/api/v1/policies', { key: 'policies' });
  for (const { id } of list.policies)
    await caio.call('DELETE', `/api/v1/policies/${id}`, { key: 'policies' });
});

describe('registering services', () => {
  it('takes a new contract, gives it back as it was written, and lists it', async () => {
    const put = await register(wireContract('alpha'));
    expect(put.status).toBe(201);
    expect(put.body).toMatchObject({ id: 'alpha', version: wireContract('alpha').version, enabled: true });
    const read = await caio.call('GET', '/api/v1/services/alpha', { key: 'decide' });
    expect(read.body.contract).toMatchObject({
      cost: { per_million_input_tokens_usd: 1 },
      alignment: { risk: 0.1 },
    });
    const list = await caio.call('GET', '/api/v1/services', { key: 'decide' });
    expect(list.body.services).toEqual([
      { id: 'alpha', version: put.body.version, digest: put.body.digest, enabled: true },
    ]);
  });

  it('takes YAML', async () => {
    const body = readFileSync(new URL('../../configs/services/internal/maia.yaml', import.meta.url), 'utf8');
    const headers = { 'content-type': 'application/yaml' };
    const put = await caio.call('POST', '/api/v1/services', { key: 'register', body, headers });
    expect(put.status, put.text).toBe(201);
  });

  it('accepts the same content again without a new entry, and refuses other content under a known version', async () => {
    const { digest } = (await register(wireContract('beta', { version: '1' }))).body;
    const { size } = caio.log;
    const again = await register(wireContract('beta', { version: '1' }));
    expect([again.status, again.body.digest, caio.log.size]).toEqual([200, digest, size]);
    const other = await register(wireContract('beta', { version: '1', description: 'another' }));
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    const next = await register(wireContract('beta', { version: '2', description: 'another' }));
    expect(next.status).toBe(200);
    await caio.call('DELETE', '/api/v1/services/beta', { key: 'register' });
    expect((await register(wireContract('beta', { version: '1', description: 'third' }))).status).toBe(409);
  });

  it('refuses a contract under another path, and an invalid one with every problem and its place', async () => {
    const elsewhere = await register(wireContract('gamma'), '/api/v1/services/delta', 'PUT');
    expect([elsewhere.status, elsewhere.body.problems[0].code]).toEqual([422, 'id_differs']);
    const invalid = await register({ ...wireContract('gamma'), version: 7, surprise: 1 });
    expect(invalid.status).toBe(422);
    expect(invalid.body).toMatchObject({ code: 'invalid_contract', status: 422 });
    expect(invalid.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(invalid.body.problems.map((problem: { path: string }) => problem.path)).toContain('/version');
    for (const problem of invalid.body.problems) {
      expect(problem).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    }
  });

  it('disables with a reason, enables, removes; what is not there is not found', async () => {
    await register(wireContract('alpha'));
    const off = await caio.call('POST', '/api/v1/services/alpha/disable', {
      key: 'register',
      body: { reason: 'upgrade' },
    });
    expect(off.body).toMatchObject({ enabled: false, availability: 'disabled', reason: 'upgrade' });
    expect((await route()).body).toMatchObject({
      outcome: 'refused',
      certificate: { outcome: { step: 'matching' } },
    });
    await caio.call('POST', '/api/v1/services/alpha/enable', { key: 'register' });
    expect((await route()).body.outcome).toBe('routed');
    expect((await caio.call('DELETE', '/api/v1/services/alpha', { key: 'register' })).status).toBe(200);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/enable'],
      ['POST', '/disable'],
    ] as const) {
      const { status } = await caio.call(method, `/api/v1/services/alpha${path}`, { key: 'admin' });
      expect(status).toBe(404);
    }
  });

  it('pages through services by id', async () => {
    for (const id of ['c', 'a', 'b']) await register(wireContract(id));
    const first = await caio.call('GET', '/api/v1/services?limit=2', { key: 'decide' });
    expect(first.body.services.map((item: { id: string }) => item.id)).toEqual(['a', 'b']);
    const rest = await caio.call('GET', `/api/v1/services?limit=2&after=${first.body.next_after}`, {
      key: 'decide',
    });
    expect(rest.body.services.map((item: { id: string }) => item.id)).toEqual(['c']);
    expect(rest.body.next_after).toBeUndefined();
  });
});

describe('deciding', () => {
  it('routes, with certificate, envelope, log index and promise headers, and the verifier agrees', async () => {
    await register(wireContract('alpha'));
    await register(wireContract('beta', { alignment: { risk: 0.5 } }));
    const routed = await route();
    expect(routed.status, routed.text).toBe(200);
    const { decision_id: id, log_index: index, certificate } = routed.body;
    expect(certificate.id).toBe(id);
    expect(certificate.outcome).toMatchObject({ decision: 'routed', selected: { service: 'alpha' } });
    expect(await caio.log.read(index)).toMatchObject({ kind: 'decision', certificate: { id } });
    expect(await caio.log.read(index)).not.toHaveProperty('attempt');
    expect(Object.fromEntries(routed.headers)).toMatchObject({
      'x-caio-decision-id': id,
      'x-caio-log-index': String(index),
      'x-caio-service': 'alpha',
      'x-caio-promise-locality': 'local',
      'x-caio-promise-jurisdictions': 'EU',
      'x-caio-promise-latency-p95-ms': '500',
      'x-caio-promise-accuracy': '0.9',
      'x-caio-promise-cost-usd': '0.004',
    });
    // The state moves on; the decision is checked against the one it was made on.
    await register(wireContract('gamma'));
    for (const level of [1, 2, 3] as const) {
      const bundle = await caio.call('GET', `/api/v1/traces/${id}/bundle?level=${level}`, { key: 'traces' });
      expect(bundle.status, bundle.text).toBe(200);
      const report = await verify(bundle.text, { key: caio.verifierKey, level });
      expect(report, JSON.stringify(report)).toMatchObject({ holds: true, level });
    }
  });

  it('gives the caller the salts that open its commitments', async () => {
    await register(wireContract('alpha'));
    const { body } = await route();
    const { commitments } = body.certificate.inputs;
    expect(Object.keys(commitments)).toEqual(['payload', 'request.subject']);
    const open = (name: string, value: unknown) =>
      createHmac('sha256', Buffer.from(body.openings[name], 'hex'))
        .update(canonicalText(value))
        .digest('hex');
    expect(open('payload', chatRequest.payload)).toBe(commitments.payload);
    expect(open('request.subject', 'patient-17')).toBe(commitments['request.subject']);
    expect(JSON.stringify(body.certificate)).not.toContain('patient-17');
    const salts = [...Object.values(body.openings), ...Object.values((await route()).body.openings)];
    expect(new Set(salts).size).toBe(4);
  });

  it('takes the seed of the caller, or draws one and says so', async () => {
    await register(wireContract('alpha'));
    const given = await route({ request: { ...chatRequest.request, seed: 42 } });
    expect(given.body.certificate.inputs).toMatchObject({ seed: 42, seed_origin: 'caller' });
    const drawn = [await route(), await route()].map(({ body }) => body.certificate.inputs);
    expect(drawn.map((inputs) => inputs.seed_origin)).toEqual(['server', 'server']);
    expect(drawn[0].seed).not.toBe(drawn[1].seed);
  });

  it('gives equal requests at one moment two decisions of their own', async () => {
    const body = { request: { intent: { type: 'chat' }, seed: 1 } };
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await route(body)).body.decision_id),
    );
    expect(new Set(ids).size).toBe(20);
  });

  it('answers a refusal with status 200 on route, service by service', async () => {
    await register(wireContract('alpha', { security: { permissions: ['root'], trust_level: 1 } }));
    const { status, body } = await route();
    expect([status, body.outcome]).toEqual([200, 'refused']);
    expect(body.certificate.outcome.nearest).toEqual([
      { service: 'alpha', step: 'security', lacked: [{ code: 'permission_missing', ref: 'root' }] },
    ]);
  });

  it('discovers what matches and what is left, and records nothing', async () => {
    await register(wireContract('alpha'));
    await register(wireContract('beta', { security: { permissions: ['root'], trust_level: 1 } }));
    await register(wireContract('gamma', { capabilities: [{ type: 'embed' }] }));
    const { size } = caio.log;
    const { status, body } = await caio.call('POST', '/api/v1/discover', {
      key: 'decide',
      body: chatRequest,
    });
    expect(status).toBe(200);
    expect(body.matched.map((item: { id: string }) => item.id)).toEqual(['alpha', 'beta']);
    expect(body.admissible.map((item: { id: string }) => item.id)).toEqual(['alpha']);
    expect(body.funnel.registered).toBe(3);
    expect(caio.log.size).toBe(size);
  });

  it('names what is wrong with a request, with its place', async () => {
    const { status, body } = await route({ request: { intent: { type: 'chat' }, profile: 'nonesuch' } });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.problems[0]).toMatchObject({ code: 'unknown_profile', line: 1, column: expect.any(Number) });
  });
});

describe('executing', () => {
  let service: Service | undefined;
  const orchestrate = (body: object, headers = {}) =>
    caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body, headers });

  it('calls the selected service, records attempt and outcome, and returns its result', async () => {
    const echo = await startEcho('echo');
    service = echo.service;
    await register(echo.contract);
    const { status, body, headers } = await orchestrate(chatRequest);
    await service.close();
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ result: { text: 'echo hello' }, service: { service: 'echo' }, rank: 0 });
    expect(echo.seen).toEqual([chatRequest.payload]);
    expect(headers.get('x-caio-service')).toBe('echo');
    const trace = await caio.call('GET', `/api/v1/traces/${body.decision_id}`, { key: 'execute' });
    expect(trace.body).toMatchObject({
      first_attempt: { rank: 0, service: { service: 'echo' } },
      events: [
        {
          kind: 'outcome',
          rank: 0,
          measured: { result: 'answered', status: 200, tokens: { input_tokens: 3 } },
        },
      ],
      openings: body.openings,
    });
  });

  it('streams the events of the service as they come', async () => {
    const echo = await startEcho('echo');
    await register(echo.contract);
    const { status, text, headers } = await orchestrate({ ...chatRequest, stream: true });
    await echo.service.close();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(headers.get('x-caio-decision-id')).toMatch(/^[0-9a-f]{64}$/);
    expect(text).toBe('data: "echo "\n\ndata: "hello "\n\ndata: [DONE]\n\n');
  });

  it('answers a refusal with its funnel and reasons, and calls nobody', async () => {
    const echo = await startEcho('echo', { security: { permissions: ['root'], trust_level: 1 } });
    await register(echo.contract);
    const { status, body, headers } = await orchestrate(chatRequest);
    await echo.service.close();
    expect([status, body.code]).toEqual([422, 'no_admissible_service']);
    expect(body).toMatchObject({ funnel: { registered: 1 }, outcome: { step: 'security' } });
    expect(headers.get('x-caio-decision-id')).toBe(body.decision_id);
    expect(echo.seen).toEqual([]);
  });

  it('falls back along the certified chain, each further attempt durable before it', async () => {
    const echo = await startEcho('standby', { alignment: { risk: 0.4 } });
    await register(wireContract('broken', { api: { protocol: 'caio', url: 'http://127.0.0.1:9' } }));
    await register(echo.contract);
    const fallback = { max_services: 2, deadline_ms: 1000 };
    const { status, body } = await orchestrate({
      ...chatRequest,
      request: { ...chatRequest.request, fallback },
    });
    await echo.service.close();
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ rank: 1, service: { service: 'standby' } });
    const trace = await caio.call('GET', `/api/v1/traces/${body.decision_id}`, { key: 'execute' });
    expect(trace.body.events.map(({ kind, rank }: { kind: string; rank: number }) => [kind, rank])).toEqual([
      ['outcome', 0],
      ['attempt', 1],
      ['outcome', 1],
    ]);
  });

  it('says that the certified services failed, and what was tried', async () => {
    await register(wireContract('broken', { api: { protocol: 'caio', url: 'http://127.0.0.1:9' } }));
    const { status, body } = await orchestrate(chatRequest);
    expect([status, body.code]).toEqual([502, 'upstream_unreachable']);
    expect(body.attempts).toMatchObject([
      { rank: 0, measured: { result: 'failed', code: 'upstream_unreachable' } },
    ]);
    expect(body.decision_id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('traces', () => {
  it('lists the decisions of the own tenant, the latest first, page by page; an admin sees all', async () => {
    for (let i = 0; i < 5; i += 1) await route();
    await caio.call('POST', '/api/v1/route', {
      key: 'stranger',
      body: { request: { intent: { type: 'chat' } } },
    });
    const first = await caio.call('GET', '/api/v1/traces?limit=3', { key: 'traces' });
    expect(first.body.traces).toHaveLength(3);
    const indexes = first.body.traces.map((trace: { log_index: number }) => trace.log_index);
    expect(indexes).toEqual([...indexes].sort((a: number, b: number) => b - a));
    const next = await caio.call('GET', `/api/v1/traces?limit=3&cursor=${first.body.next_cursor}`, {
      key: 'traces',
    });
    expect(next.body.traces[0].log_index).toBeLessThan(indexes[2]);
    const theirs = await caio.call('GET', '/api/v1/traces', { key: 'stranger' });
    expect(theirs.body.traces.map((trace: { tenant: string }) => trace.tenant)).toEqual(['other']);
    const all = await caio.call('GET', '/api/v1/traces?limit=1000', { key: 'admin' });
    const tenants = all.body.traces.map((trace: { tenant: string }) => trace.tenant);
    expect(new Set(tenants)).toEqual(new Set(['acme', 'other']));
  });

  it('hides decisions of another tenant, and openings from all but who asked', async () => {
    const { decision_id: id } = (await route()).body;
    expect((await caio.call('GET', `/api/v1/traces/${id}`, { key: 'stranger' })).status).toBe(404);
    expect((await caio.call('GET', `/api/v1/traces/${id}/bundle`, { key: 'stranger' })).status).toBe(404);
    const read = await caio.call('GET', `/api/v1/traces/${id}`, { key: 'traces' });
    expect(read.status).toBe(200);
    expect(read.body).not.toHaveProperty('openings');
  });
});

describe('policies', () => {
  const policy = (id: string, more: object = {}) => ({
    id,
    version: '1',
    context: { department: { type: 'string', sealed: false } },
    rules: [
      {
        id: 'local-only',
        type: 'privacy',
        when: 'has(context.department) && context.department == "cardiology"',
        require: 'service.privacy.locality == "on_device"',
        reason: 'cardiology stays on the device',
      },
    ],
    ...more,
  });
  const put = (body: object, path = '') =>
    caio.call('POST', `/api/v1/policies${path}`, { key: 'policies', body });

  it('binds from its put on, and is named where it excludes', async () => {
    await register(wireContract('alpha'));
    const body = { request: { intent: { type: 'chat' }, context: { department: 'cardiology' } } };
    expect((await route(body)).body.outcome).toBe('routed');
    const created = await put(policy('care'));
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({ id: 'care', policy: { rules: [{ id: 'local-only' }] } });
    const refused = await route(body);
    expect(refused.body.certificate.outcome.nearest[0].lacked).toEqual([
      { code: 'rule_violated', ref: 'care/local-only' },
    ]);
    await caio.call('DELETE', '/api/v1/policies/care', { key: 'policies' });
    expect((await route(body)).body.outcome).toBe('routed');
  });

  it('refuses a rule that does not load, with its place in the document', async () => {
    const rules = [{ ...policy('x').rules[0], require: 'service.nonesuch == 1' }];
    const refused = await put(policy('broken', { rules }));
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid_policy']);
    expect(refused.body.problems[0]).toMatchObject({
      path: '/rules/0/require',
      line: 1,
      column: expect.any(Number),
    });
    expect((await caio.call('GET', '/api/v1/policies/broken', { key: 'policies' })).status).toBe(404);
  });

  it('calls a context field that no rule could select invalid, with its place, not a conflict', async () => {
    const context = { constructor: { type: 'string', sealed: false } };
    const refused = await put(policy('reserved', { context }));
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      code: 'invalid_policy',
      problems: [{ path: '/context/constructor' }],
    });
  });

  it('refuses a context field that another policy declares otherwise, and the removal of one that another reads', async () => {
    await put(policy('care'));
    const context = { department: { type: 'int', sealed: false } };
    const other = await put(policy('other', { context, rules: [{ ...policy('x').rules[0], when: 'true' }] }));
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    const reader = await put(policy('reader', { version: '2', context: {} }));
    expect(reader.status, reader.text).toBe(201);
    const removal = await caio.call('DELETE', '/api/v1/policies/care', { key: 'policies' });
    expect([removal.status, removal.body.code]).toEqual([409, 'conflict']);
    await caio.call('DELETE', '/api/v1/policies/reader', { key: 'policies' });
  });
});

describe('keys', () => {
  const expires = '2199-01-01T00:00:00Z';
  const issue = (body: object, key = 'admin') => caio.call('POST', '/api/v1/keys', { key, body });

  it('issues a key that works, shows it once, and refuses it after its revocation', async () => {
    const issued = await issue({
      tenant: 'acme',
      scopes: ['decide'],
      expires,
      subject: 'clerk-12',
      label: 'desk',
    });
    expect(issued.status, issued.text).toBe(201);
    const { key, id } = issued.body;
    expect(key).toMatch(/^caio_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    const decided = await caio.call('POST', '/api/v1/route', { key, body: chatRequest });
    expect(decided.body.certificate.inputs.commitments).toHaveProperty(['caller.subject']);
    expect(decided.body.certificate.inputs.caller).toMatchObject({
      method: 'api_key',
      key_id: id,
      tenant: 'acme',
    });
    const read = await caio.call('GET', `/api/v1/keys/${id}`, { key: 'admin' });
    expect(read.text).not.toContain(key);
    expect(read.body).not.toHaveProperty('digest');
    await caio.call('DELETE', `/api/v1/keys/${id}`, { key: 'admin' });
    const refused = await caio.call('POST', '/api/v1/route', { key, body: chatRequest });
    expect([refused.status, refused.body.reason]).toEqual([401, 'revoked']);
  });

  it('keeps secrets and subjects out of the log', async () => {
    const issued = await issue({ tenant: 'acme', scopes: ['decide'], expires, subject: 'clerk-in-the-log' });
    const entries = await Promise.all(
      Array.from({ length: caio.log.size }, (_, index) => caio.log.read(index)),
    );
    const text = JSON.stringify(entries);
    expect(text).toContain(issued.body.id);
    for (const secret of [
      issued.body.key,
      issued.body.key.slice(22),
      'clerk-in-the-log',
      ...Object.values(caio.keys),
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it('lets nobody hand on more than it has', async () => {
    const within = {
      tenant: 'acme',
      scopes: ['decide'],
      expires: new Date(Date.now() + 86_400_000).toISOString(),
    };
    expect((await issue(within, 'keys')).status).toBe(201);
    for (const [excess, more] of [
      ['scope admin', { scopes: ['admin'] }],
      ['permission root', { permissions: ['root'] }],
      ['trust_level', { trust_level: 9 }],
      ['tenant', { tenant: 'other' }],
      ['expires', { expires }],
    ] as const) {
      const refused = await issue({ ...within, ...more }, 'keys');
      expect([refused.status, refused.body.code, refused.body.excess]).toEqual([403, 'forbidden', [excess]]);
    }
    const theirs = await issue({ ...within, tenant: 'other' });
    expect((await caio.call('GET', `/api/v1/keys/${theirs.body.id}`, { key: 'keys' })).status).toBe(404);
    expect((await caio.call('DELETE', `/api/v1/keys/${theirs.body.id}`, { key: 'keys' })).status).toBe(404);
  });
});

describe('operations', () => {
  it('describes every route in openapi.json, and nothing else', async () => {
    const { body } = await caio.call('GET', '/openapi.json', { key: 'decide' });
    expect(body.openapi).toBe('3.1.0');
    const described = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = caio.server.routes.map(
      ({ method, url }) => `${method} ${url.replace('*', ':path').replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(described.sort()).toEqual([...served].sort());
    const references = JSON.stringify(body).match(/"#\/components\/[^"]+"/g) ?? [];
    expect(references.length).toBeGreaterThan(40);
    for (const reference of new Set(references)) {
      const tokens = (JSON.parse(reference) as string).slice(2).split('/');
      const found = tokens.reduce<unknown>(
        (value, token) => (value as Record<string, unknown>)?.[token],
        body,
      );
      expect(found, reference).toBeDefined();
    }
  });

  it('serves the page at /docs from its own files', async () => {
    const page = await caio.call('GET', '/docs/', { key: 'decide' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/(src|href)="https?:/);
  });

  it('counts requests and decisions', async () => {
    await route();
    const { text } = await caio.call('GET', '/metrics', { key: 'metrics' });
    expect(text).toMatch(/caio_decisions_total\{outcome="refused",step="matching"\} \d+/);
    expect(text).toMatch(
      /caio_http_requests_total\{method="POST",route="\/api\/v1\/route",status="200"\} \d+/,
    );
    expect(text).toMatch(/caio_log_size \d+/);
  });

  it('answers a method that a path does not have with those that it has', async () => {
    const refused = await caio.call('PATCH', '/api/v1/services/alpha', { key: 'admin' });
    expect([refused.status, refused.body.code]).toEqual([405, 'method_not_allowed']);
    expect(refused.headers.get('allow')).toBe('GET, PUT, DELETE');
  });
});
