import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../src/contracts/timestamp.js';
import { Fault } from '../../src/kernel/errors.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import type { AccessEntry } from '../../src/log/entry.js';
import { CaioClient } from '../../src/sdk/client.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';
import { type FaultyStorage, faultyStorage } from '../support/faulty-storage.js';

let caio: Running;
let storage: FaultyStorage;
let readOnly = false;
let auditor: string;
let neighbour: string;
let echo: Awaited<ReturnType<typeof startEcho>>;
const executed = {
  ...chatRequest,
  request: { ...chatRequest.request, fallback: { max_services: 2, deadline_ms: 5000 } },
};
/** Ids of decisions, in the order in which they were made. */
const made: { [name: string]: string } = {};

/** A store that can be read and, while `readOnly`, takes no more, as a full disk does. */
async function commit(...batch: Parameters<FaultyStorage['commit']>): ReturnType<FaultyStorage['commit']> {
  if (readOnly) throw new Fault('storage_failed', 'planted: the disk is full', { retryable: true });
  return storage.commit(...batch);
}

const grant = async (body: object): Promise<string> =>
  (await caio.call('POST', '/api/v1/keys', { key: 'admin', body })).body.key;
const until = { expires: '2199-01-01T00:00:00Z' };

/** A minute later, so that each decision has a time of its own and no access is covered by one before. */
async function decide(name: string, path: string, key: string, request: object = chatRequest): Promise<void> {
  caio.advance(60_000_000);
  const answer = await caio.call('POST', path, { key, body: request });
  made[name] = answer.headers.get('x-caio-decision-id') ?? '';
  expect(made[name], name).toMatch(/^[0-9a-f]{64}$/);
}

beforeAll(async () => {
  storage = faultyStorage(memoryStorage());
  caio = await startServer({ storage: { ...storage, commit } });
  auditor = await grant({ tenant: 'review', scopes: ['audit'], ...until });
  neighbour = await grant({
    tenant: 'other',
    scopes: ['execute', 'traces'],
    permissions: ['chat:use'],
    trust_level: 5,
    ...until,
  });
  echo = await startEcho('alive');
  // Better in all, so it is tried first; nothing listens there.
  const dead = wireContract('dead', {
    cost: {
      unit: 'usd',
      per_request_usd: 0,
      per_million_input_tokens_usd: 0,
      per_million_output_tokens_usd: 0,
    },
    guarantees: { latency_p95_ms: { max: 10 }, accuracy: { min: 0.99 } },
    alignment: { risk: 0 },
  });
  for (const contract of [echo.contract, dead]) {
    expect((await caio.call('POST', '/api/v1/services', { key: 'admin', body: contract })).status).toBe(201);
  }
  await decide('fallback', '/api/v1/orchestrate', 'execute', executed);
  await decide('theirs', '/api/v1/orchestrate', neighbour, executed);
  await caio.call('POST', '/api/v1/services/dead/disable', { key: 'admin', body: { reason: 'test' } });
  await decide('routed', '/api/v1/route', 'decide');
  await decide('refused', '/api/v1/route', 'decide', {
    request: { ...chatRequest.request, budget: { max_cost_usd: 0.000001 } },
  });
});
afterAll(async () => {
  await caio.close();
  await echo.service.close();
});

async function list(query: string, key = 'admin'): Promise<readonly string[]> {
  const answer = await caio.call('GET', `/api/v1/traces${query}`, { key });
  expect(answer.status, answer.text).toBe(200);
  const ids = answer.body.traces.map((trace: { decision_id: string }) => trace.decision_id);
  return ids.map((id: string) => Object.keys(made).find((name) => made[name] === id) ?? id);
}

const accesses = async (): Promise<readonly AccessEntry[]> => {
  const found: AccessEntry[] = [];
  for (let index = 0; index < caio.log.size; index += 1) {
    const entry = await caio.log.read(index);
    if (entry?.kind === 'access') found.push(entry);
  }
  return found;
};

/** The access entries that `act` adds. */
async function added(act: () => Promise<unknown>): Promise<readonly AccessEntry[]> {
  const before = (await accesses()).length;
  await act();
  return (await accesses()).slice(before);
}

const timeOf = async (name: string): Promise<number> => {
  const index = await storage.readIndex(`decision/${made[name]}`);
  const entry = await caio.log.read(Number(index));
  return entry?.kind === 'decision' ? entry.certificate.inputs.time : 0;
};

describe('traces', () => {
  it.each([
    ['', ['refused', 'routed', 'theirs', 'fallback']],
    ['?outcome=routed', ['routed', 'theirs', 'fallback']],
    ['?outcome=refused', ['refused']],
    ['?outcome=failed', ['theirs', 'fallback']],
    ['?outcome=answered', ['theirs', 'fallback']],
    ['?outcome=rejected', []],
    // The first choice was called, and so was the service that answered in its place.
    ['?service=dead', ['theirs', 'fallback']],
    ['?service=alive', ['routed', 'theirs', 'fallback']],
    ['?service=dead&outcome=failed', ['theirs', 'fallback']],
    ['?service=dead&outcome=answered', []],
    ['?service=alive&outcome=answered', ['theirs', 'fallback']],
    ['?service=alive&outcome=routed', ['routed', 'theirs', 'fallback']],
    ['?service=alive&outcome=refused', []],
    ['?service=nobody', []],
    ['?outcome=failed&limit=1', ['theirs']],
  ])('an admin asks for %s', async (query, names) => {
    expect(await list(query)).toEqual(names);
  });

  it.each([
    ['', 'execute', ['refused', 'routed', 'fallback']],
    ['?outcome=failed', 'execute', ['fallback']],
    ['?service=dead', 'execute', ['fallback']],
    ['?service=alive&outcome=answered', 'execute', ['fallback']],
    ['', 'theirs', ['theirs']],
    ['?outcome=failed', 'theirs', ['theirs']],
    ['?outcome=refused', 'theirs', []],
  ])('%s as %s: a tenant sees its own', async (query, who, names) => {
    expect(await list(query, who === 'theirs' ? neighbour : who)).toEqual(names);
  });

  it('are bounded by the time of the decision: from is within, to is not, and both go with every other filter', async () => {
    const [theirs, routed] = [
      formatTimestamp(await timeOf('theirs')),
      formatTimestamp(await timeOf('routed')),
    ];
    expect(await list(`?from=${theirs}`)).toEqual(['refused', 'routed', 'theirs']);
    expect(await list(`?from=${theirs}&to=${routed}`)).toEqual(['theirs']);
    expect(await list(`?to=${theirs}`)).toEqual(['fallback']);
    expect(await list(`?to=${routed}&service=dead&outcome=failed`)).toEqual(['theirs', 'fallback']);
    expect(await list(`?from=${routed}&service=dead&outcome=failed`)).toEqual([]);
    expect(await list(`?from=${routed}&to=${theirs}`)).toEqual([]);
  });

  it('come page by page, and what is decided meanwhile moves nothing', async () => {
    const client = new CaioClient({ url: caio.url, key: caio.keys.admin as string });
    const first = await client.traces({ limit: 2 });
    await decide('meanwhile', '/api/v1/route', 'decide');
    const second = await client.traces({ limit: 2, cursor: first.next as string });
    const names = [...first.items, ...second.items].map(({ decision_id: id }) => id);
    expect(names).toEqual(['refused', 'routed', 'theirs', 'fallback'].map((name) => made[name]));
    const end = await client.traces({ limit: 2, cursor: second.next as string });
    expect(end).toEqual({ items: [] });
  });

  it('cost a selective query no more than what it finds', async () => {
    for (let i = 0; i < 40; i += 1)
      await caio.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    await list('');
    const before = storage.calls.length;
    await list('?service=dead&outcome=failed');
    const calls = storage.calls.slice(before);
    expect(calls.filter((call) => call === 'scanIndex')).toHaveLength(1);
    expect(calls.filter((call) => call === 'readBlob')).toHaveLength(2);
  });
});

describe('hostile queries', () => {
  const paths = [
    '/api/v1/traces?service=',
    '/api/v1/traces?service=..%2f..',
    '/api/v1/traces?service=*',
    '/api/v1/traces?service=A',
    `/api/v1/traces?service=${'a'.repeat(49)}`,
    '/api/v1/traces?service=a%00',
    '/api/v1/traces?outcome=*',
    '/api/v1/traces?outcome=',
    '/api/v1/traces?outcome=toString',
    '/api/v1/traces?from=yesterday',
    '/api/v1/traces?from=2026-02-30T00:00:00Z',
    '/api/v1/traces?from=1969-12-31T23:59:59Z',
    '/api/v1/traces?to=1',
    '/api/v1/traces?to=',
    '/api/v1/traces?cursor=0',
    '/api/v1/traces?cursor=0000000000000001.',
    '/api/v1/traces?cursor=0000000000000001.000000000000000a',
    '/api/v1/traces?cursor=0000000000000001.0000000000000001%2f',
    '/api/v1/traces?tenant=acme',
    '/api/v1/traces?__proto__=1',
    '/api/v1/audit/entries?from=-1',
    '/api/v1/audit/entries?from=1e3',
    '/api/v1/audit/entries?to=99999999999999999999',
    '/api/v1/audit/entries?kind=*',
    '/api/v1/audit/entries?kind=decision%2f',
    '/api/v1/audit/entries?limit=1001',
    '/api/v1/audit/entries?since=1',
    '/api/v1/audit/attempts?service=*',
    '/api/v1/audit/attempts?outcome=failed',
    '/api/v1/audit/summary?x=1',
  ];
  it.each(paths)('%s is invalid, and says where', async (path) => {
    const { status, body } = await caio.call('GET', path, { key: 'admin' });
    expect([status, body.code, body.problems[0].code]).toEqual([422, 'invalid_request', 'query_invalid']);
    expect(body.problems[0].path).toMatch(/^\/./);
  });

  it('of repeated parameters are invalid', async () => {
    const { status } = await caio.call('GET', '/api/v1/traces?service=a&service=b', { key: 'admin' });
    expect(status).toBe(422);
  });
});

describe('the audit API', () => {
  it('gives attempts with what became of them; one without an outcome counts as disclosed', async () => {
    const all = await caio.call('GET', '/api/v1/audit/attempts', { key: auditor });
    expect(all.body.attempts.map((each: { service: { service: string } }) => each.service.service)).toEqual([
      'alive',
      'dead',
      'alive',
      'dead',
    ]);
    const dead = await caio.call('GET', '/api/v1/audit/attempts?service=dead', { key: auditor });
    expect(dead.body.attempts).toMatchObject([
      { decision_id: made.theirs, tenant: 'other', rank: 0, outcome: 'failed', disclosed: true },
      { decision_id: made.fallback, tenant: 'acme', rank: 0, outcome: 'failed', disclosed: true },
    ]);
    // As a crash between the attempt and its end would leave it.
    const { log } = caio;
    const [reference] = dead.body.attempts.map((each: { service: object }) => each.service);
    const time = (await timeOf('fallback')) + 1;
    await log.appendEvents([
      {
        type: 'caio/entry/v1',
        kind: 'attempt',
        time,
        decision: made.fallback as string,
        rank: 2,
        service: reference,
      },
    ]);
    const now = await caio.call('GET', '/api/v1/audit/attempts?service=dead', { key: auditor });
    const open = now.body.attempts.filter(({ outcome }: { outcome: string }) => outcome === 'none');
    expect(open).toMatchObject([{ rank: 2, disclosed: true, reason: 'no outcome: counts as disclosed' }]);
    const from = formatTimestamp(await timeOf('theirs'));
    const later = await caio.call('GET', `/api/v1/audit/attempts?service=dead&from=${from}`, {
      key: auditor,
    });
    expect(later.body.attempts.map(({ decision_id: id }: { decision_id: string }) => id)).toEqual([
      made.theirs,
    ]);
  });

  it('gives entries by index and kind, page by page', async () => {
    const client = new CaioClient({ url: caio.url, key: auditor });
    const kinds: string[] = [];
    for (let from: string | undefined = '0'; from !== undefined; ) {
      const page = await client.auditEntries({ from, limit: 7 });
      for (const { entry, log_index: index } of page.items) {
        expect(index).toBe(kinds.length);
        kinds.push(entry.kind);
      }
      from = page.next;
    }
    expect(kinds.length).toBe(caio.log.size);
    const outcomes = await client.auditEntries({ kind: 'outcome', limit: 3 });
    expect(outcomes.items).toHaveLength(3);
    const rest = await client.auditEntries({ kind: 'outcome', from: outcomes.next as string });
    expect([...outcomes.items, ...rest.items].map(({ log_index: index }) => index)).toEqual(
      kinds.flatMap((kind, index) => (kind === 'outcome' ? [index] : [])),
    );
    expect((await client.auditEntries({ kind: 'genesis', from: 1 })).items).toEqual([]);
    expect((await client.auditEntries({ from: 5, to: 8 })).items).toHaveLength(3);
  });

  it('counts what there is, and goes on counting', async () => {
    const count = async () => (await caio.call('GET', '/api/v1/audit/summary', { key: auditor })).body;
    const one = await count();
    const total = (kinds: object): number => Object.values(kinds).reduce((sum, each) => sum + each, 0);
    expect(total(one.kinds)).toBe(one.size);
    expect(one.attempts).toEqual({ recorded: 5, with_outcome: 4, without_outcome: 1 });
    await caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body: chatRequest });
    const two = await count();
    expect(total(two.kinds)).toBe(two.size);
    expect(two.attempts).toEqual({ recorded: 6, with_outcome: 5, without_outcome: 1 });
  });
});

describe('who reads what is others’ is in the log before it is answered', () => {
  const get = (path: string, key: string) => async () => {
    const answer = await caio.call('GET', path, { key });
    expect(answer.status, path).toBe(200);
  };

  it('a trace and a bundle to another credential, not to the one that asked', async () => {
    caio.advance(61_000_000);
    for (const rest of ['', '/bundle']) {
      const path = `/api/v1/traces/${made.fallback}${rest}`;
      expect(await added(get(path, 'execute')), 'its own').toEqual([]);
      const what = rest === '' ? 'trace' : 'bundle';
      expect(await added(get(path, 'traces'))).toMatchObject([{ what, decision: made.fallback }]);
      expect(await added(get(path, 'traces')), 'in the same minute').toEqual([]);
      expect(await added(get(path, 'admin'))).toMatchObject([{ what, decision: made.fallback }]);
    }
  });

  it.each([
    ['/api/v1/traces', 'admin', [{ what: 'traces' }]],
    ['/api/v1/traces', 'execute', []],
    ['/api/v1/keys', 'admin', [{ what: 'keys' }]],
    ['/api/v1/keys', 'keys', []],
    ['/api/v1/audit/attempts', 'auditor', [{ what: 'audit' }]],
    ['/api/v1/audit/summary', 'auditor', [{ what: 'audit' }]],
    ['/api/v1/audit/entries?from=3', 'auditor', [{ what: 'audit', from: 3 }]],
    ['/log/tile/entries/000.p/9', 'admin', [{ what: 'export', from: 0 }]],
    ['/log/tile/0/000.p/9', 'admin', []],
    ['/log/checkpoint', 'admin', []],
  ])('%s as %s', async (path, who, expected) => {
    caio.advance(61_000_000);
    const before = caio.log.size;
    const found = await added(get(path, who === 'auditor' ? auditor : who));
    expect(found).toMatchObject(expected);
    for (const { author, to } of found) {
      expect(author).toMatchObject({ method: 'api_key', key_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
      if (to !== undefined) expect(to).toBe(before);
    }
  });

  it('reading on is covered for a minute; going back costs one entry more, and no more than one', async () => {
    caio.advance(61_000_000);
    const from = (index: number) => get(`/api/v1/audit/entries?from=${index}&limit=1`, auditor);
    expect(await added(from(20))).toMatchObject([{ from: 20 }]);
    for (let index = 21; index < 40; index += 1) expect(await added(from(index))).toEqual([]);
    expect(await added(from(19))).toMatchObject([{ from: 0 }]);
    for (let index = 18; index >= 0; index -= 6) expect(await added(from(index))).toEqual([]);
    caio.advance(61_000_000);
    expect(await added(from(5))).toMatchObject([{ from: 5 }]);
  });

  it('when the log cannot be written, nothing is answered', async () => {
    for (const [path, key] of [
      ['/api/v1/audit/summary', auditor],
      ['/api/v1/audit/entries', auditor],
      ['/api/v1/audit/attempts', auditor],
      ['/api/v1/traces', 'admin'],
      ['/api/v1/keys', 'admin'],
      [`/api/v1/traces/${made.fallback}/bundle`, 'admin'],
      ['/log/tile/entries/000.p/9', 'admin'],
    ] as const) {
      caio.advance(61_000_000);
      readOnly = true;
      const { status, body, text } = await caio.call('GET', path, { key });
      readOnly = false;
      expect([path, status, body?.code]).toEqual([path, 503, 'storage_failed']);
      expect(text).not.toContain(made.fallback);
      expect((await caio.call('GET', path, { key })).status, 'afterwards').toBe(200);
    }
  });
});
