import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { formatParameters } from '../../src/contracts/format-parameters.js';
import { errorTable } from '../../src/kernel/errors.js';
import { type Hostile, mutant, randomFrom, wellKnown } from '../fixtures/server/hostile-bodies.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const seed = 20_261_123;
const bodiesEach = 1000;
const secretPayload = 'the-payload-nobody-may-log';

let caio: Running;
const written: string[] = [];
const originals = { out: process.stdout.write, err: process.stderr.write };

beforeAll(async () => {
  caio = await startServer();
  await caio.call('POST', '/api/v1/services', { key: 'register', body: wireContract('alpha') });
});
afterAll(() => caio.close());

const policy = {
  id: 'p',
  version: '1',
  context: { department: { type: 'string', sealed: false } },
  rules: [{ id: 'r', type: 'privacy', when: 'true', require: 'service.id != "z"', reason: 'because' }],
};
const grant = {
  tenant: 'acme',
  scopes: ['decide'],
  permissions: ['chat:use'],
  trust_level: 1,
  expires: '2199-01-01T00:00:00Z',
  label: 'desk',
};
const completion = {
  model: 'caio:chat',
  messages: [{ role: 'user', content: secretPayload }],
  stream: false,
  max_tokens: 10,
  caio: { data: { classification: 'internal' }, budget: { max_cost_usd: 0.01 } },
};
const request = { ...chatRequest, payload: { messages: [{ role: 'user', content: secretPayload }] } };

/** Each endpoint that takes a body, with one that is good to start from. */
const endpoints: readonly (readonly [method: string, path: string, good: unknown])[] = [
  ['POST', '/api/v1/services', wireContract('beta')],
  ['PUT', '/api/v1/services/beta', wireContract('beta')],
  ['POST', '/api/v1/services/alpha/disable', { reason: 'upgrade' }],
  ['POST', '/api/v1/discover', request],
  ['POST', '/api/v1/route', request],
  ['POST', '/api/v1/orchestrate', { ...request, stream: true }],
  ['POST', '/api/v1/policies', policy],
  ['PUT', '/api/v1/policies/p', policy],
  ['POST', '/api/v1/keys', grant],
  ['POST', '/api/v1/erasures', { subject: 'patient-17', tenant: 'acme' }],
  ['PUT', '/api/v1/holds', { subject: 'patient-18', tenant: 'acme' }],
  ['DELETE', '/api/v1/holds', { subject: 'patient-18' }],
  ['POST', '/v1/chat/completions', completion],
  ['PUT', '/api/v1/parameters', JSON.parse(formatParameters(defaultParameters))],
];

function* hostileBodies(good: unknown, from: number): Generator<Hostile> {
  yield* wellKnown;
  const random = randomFrom(from);
  for (let i = wellKnown.length; i < bodiesEach; i += 1) {
    yield {
      kind: 'mutant',
      body: mutant(good, random),
      type: random() < 0.8 ? 'application/json' : 'application/yaml',
    };
  }
}

describe(`hostile bodies, ${bodiesEach} in a row, seed ${seed}`, () => {
  it.each(endpoints)('%s %s', { timeout: 120_000 }, async (method, path, good) => {
    const statuses = new Map<number, number>();
    capture();
    try {
      let number = 0;
      for (const { kind, body, type } of hostileBodies(good, seed + path.length)) {
        number += 1;
        const headers = { 'content-type': type };
        const answer = await caio.call(method, path, { key: 'admin', body, headers });
        const what = `${kind} #${number}: ${answer.status} ${answer.text.slice(0, 300)}`;
        checkAnswer(answer.status, answer.text, answer.body, what);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
      expect(number).toBe(bodiesEach);
    } finally {
      release();
    }
    const seen = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`${method} ${path}: ${bodiesEach} bodies, answered ${seen.join(', ')}`);
    // Reach: most of these are refused, for several reasons.
    expect([...statuses.keys()].length, JSON.stringify([...statuses])).toBeGreaterThanOrEqual(3);
    expect((await caio.call('GET', '/health')).status).toBe(200);
    checkLog();
  });
});

/** The only upstream is one that is not there: 502 then says so, and nothing else may be a 5xx. */
function checkAnswer(status: number, text: string, body: unknown, what: string): void {
  if (status >= 500) expect([status, codeOf(body)], what).toEqual([502, 'upstream_unreachable']);
  expect(text, what).not.toMatch(/\n\s+at |node:internal|\.[jt]s:\d+|node_modules/);
  if (status < 400) return;
  expect(Object.keys(errorTable), what).toContain(codeOf(body));
}

function codeOf(body: unknown): unknown {
  const { code, error } = body as { readonly code?: unknown; readonly error?: { readonly code?: unknown } };
  return code ?? error?.code;
}

function checkLog(): void {
  const text = JSON.stringify(caio.lines) + written.join('');
  expect(caio.lines.length).toBeGreaterThan(0);
  for (const secret of [...Object.values(caio.keys), secretPayload, 'patient-17', 'Bearer'])
    expect(text).not.toContain(secret);
  expect(caio.lines.filter((line) => line.stack !== undefined)).toEqual([]);
  caio.lines.length = 0;
  written.length = 0;
}

function capture(): void {
  process.stdout.write = ((chunk: unknown) => written.push(String(chunk)) > 0) as typeof process.stdout.write;
  process.stderr.write = ((chunk: unknown) => written.push(String(chunk)) > 0) as typeof process.stderr.write;
}

function release(): void {
  process.stdout.write = originals.out;
  process.stderr.write = originals.err;
}

describe('hostile paths and queries', () => {
  it.each([
    '/api/v1/services/%00',
    '/api/v1/services/%ff',
    '/api/v1/services/%',
    '/api/v1/services/..%2f..%2fetc%2fpasswd',
    '/api/v1/services/__proto__',
    '/api/v1/services/constructor',
    `/api/v1/services/${'x'.repeat(4000)}`,
    '/api/v1/keys/__proto__',
    '/api/v1/policies/toString',
    '/api/v1/traces/__proto__',
    `/api/v1/traces/${'0'.repeat(64)}`,
    `/api/v1/traces/${'0'.repeat(64)}/bundle?level=3`,
    '/v1/models/caio%3Anonesuch',
    '//api//v1//services',
    '/API/V1/SERVICES',
    '/docs/../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
  ])('%s is not found', async (path) => {
    const { status, text } = await caio.call('GET', path, { key: 'admin' });
    expect([404, 414]).toContain(status);
    expect(text).not.toMatch(/\n\s+at |node_modules/);
  });

  it.each([
    '/api/v1/services?limit=0',
    '/api/v1/services?limit=1e9',
    '/api/v1/services?limit=1&limit=2',
    '/api/v1/traces?cursor=-1',
    '/api/v1/traces?cursor=99999999999999999999',
    '/api/v1/traces?limit=__proto__',
  ])('%s is invalid', async (path) => {
    const { status, body } = await caio.call('GET', path, { key: 'admin' });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
  });
});

describe('sizes', () => {
  it('takes a payload of megabytes where payloads belong, and not a byte more than the limit', async () => {
    const body = (bytes: number) => JSON.stringify({ ...request, payload: 'x'.repeat(bytes) });
    const headers = { 'content-type': 'application/json' };
    const big = await caio.call('POST', '/api/v1/route', { key: 'decide', body: body(3 * 2 ** 20), headers });
    expect(big.status).toBe(200);
    const tooBig = await caio.call('POST', '/api/v1/route', {
      key: 'decide',
      body: body(4 * 2 ** 20),
      headers,
    });
    expect([tooBig.status, tooBig.body.code]).toEqual([413, 'too_large']);
    const contract = await caio.call('POST', '/api/v1/services', {
      key: 'register',
      body: body(300_000),
      headers,
    });
    expect([contract.status, contract.body.code]).toEqual([413, 'too_large']);
  });

  it('refuses a request that is too large although its body is not', async () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ type: `capability-${i}-${'x'.repeat(30)}` }));
    const body = { request: { intent: { type: 'chat' }, requirements: { capabilities: many } } };
    const refused = await caio.call('POST', '/api/v1/route', { key: 'decide', body });
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid_request']);
  });

  it('does not read compressed bodies', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const refused = await caio.call('POST', '/api/v1/route', { key: 'decide', body: '{}', headers });
    expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('bytes that are no HTTP', () => {
  const url = () => new URL(caio.url);

  /** Sends bytes and gives back all that comes until the server closes. */
  function exchange(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url().port), url().hostname, () => socket.end(bytes));
      let answer = '';
      socket.setEncoding('latin1').on('data', (text) => {
        answer += text;
      });
      socket.on('close', () => resolve(answer)).on('error', reject);
    });
  }

  it.each([
    ['noise', '\u0001\u0002\u0003\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 400],
    [
      'two lengths',
      'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
    ],
    [
      'length and chunks',
      'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['huge header', `GET /health HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
    ['bad chunk', 'POST /api/v1/route HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
  ])('%s', async (_name, bytes, status) => {
    const answer = await exchange(bytes);
    // A body that turns out bad after its head was answered has that answer, 401, instead.
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 (${status}|401) `));
    expect(answer).not.toMatch(/\n\s+at /);
    expect((await caio.call('GET', '/health')).status).toBe(200);
  });

  it('two credentials in one request are refused', async () => {
    const credential = (name: string) => `authorization: Bearer ${caio.keys[name]}\r\n`;
    const head = 'GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n';
    expect(await exchange(`${head}${credential('decide')}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    const answer = await exchange(`${head}${credential('decide')}${credential('admin')}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('credential_malformed');
  });
});
