import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatParameters } from '../../src/contracts/format-parameters.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import type { StoragePort } from '../../src/log/port.js';
import { type SigningKey, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { mintApiKey } from '../../src/server/identity/api-key.js';
import { grant, type Running, startServer, wireContract, year } from '../fixtures/server/running-server.js';
import { alsoSigned, headerOf, personOf, signText } from '../support/sign-change.js';

const alice = personOf('alice', 1);
const bob = personOf('bob', 2);
const origin = 'caio.test';
const approval = {
  availability: 'author',
  contract: 'author_and_approver',
  key: 'author_and_approver',
  parameters: 'author_and_approver',
  policy: 'author',
} as const;

let running: Running;
let storage: StoragePort;
/** API keys of alice and bob, admins with verifier keys. */
const people: { alice: string; bob: string } = { alice: '', bob: '' };

async function issue(key: SigningKey): Promise<string> {
  const body = {
    tenant: 'ops',
    scopes: ['admin'],
    trust_level: 5,
    expires: new Date(Date.now() + year / 1000 / 2).toISOString(),
    verifier_key: verifierKeyOf(key),
  };
  const issued = await running.call('POST', '/api/v1/keys', { key: 'admin', body });
  expect(issued.status, issued.text).toBe(201);
  expect(issued.body.verifier_key).toBe(verifierKeyOf(key));
  return issued.body.key;
}

beforeAll(async () => {
  storage = memoryStorage();
  running = await startServer({ storage });
  people.alice = await issue(alice);
  people.bob = await issue(bob);
  const body = formatParameters({ ...running.log.view.folded.state.parameters, approval });
  const on = await running.call('PUT', '/api/v1/parameters', { key: 'admin', body, headers: json });
  expect(on.status, on.text).toBe(200);
});

afterAll(() => running.close());

const json = { 'content-type': 'application/json' };

/** Puts the contract as alice, with a note that `sign` makes of the text that the server asks for. */
async function put(
  id: string,
  sign: (statement: string) => string,
  more: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: unknown;
    readonly key?: string;
  } = {},
) {
  const { method = 'POST', path = '/api/v1/services', key = people.alice } = more;
  const body = method === 'DELETE' ? {} : { body: more.body ?? wireContract(id) };
  const asked = await running.call(method, path, { key, ...body });
  expect(asked.status, asked.text).toBe(403);
  const headers = { 'x-caio-change': headerOf(sign(asked.body.statement)) };
  return { asked, answered: await running.call(method, path, { key, ...body, headers }) };
}

describe('with approval switched on', () => {
  it('a change without a note is refused with the text to sign, and nothing is appended', async () => {
    const before = running.log.size;
    const refused = await running.call('POST', '/api/v1/services', {
      key: people.alice,
      body: wireContract('s'),
    });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      code: 'change_not_signed',
      reason: 'change_missing',
      required: 'author_and_approver',
    });
    const lines = refused.body.statement.split('\n');
    expect(lines.slice(0, 4)).toEqual(['caio/change/v1', origin, 'contract.put', 's']);
    expect(running.log.size).toBe(before);
  });

  it('the author alone is not enough where an approver is asked for; both are', async () => {
    const { answered } = await put('two', (text) => signText(text, [alice]));
    expect(answered.body).toMatchObject({ code: 'change_not_signed', reason: 'approval_missing' });
    const twice = await put('two', (text) => alsoSigned(signText(text, [alice]), bob));
    expect(twice.answered.status).toBe(201);
    const entry = await running.log.read(running.log.size - 1);
    expect(entry).toMatchObject({
      kind: 'contract.put',
      change: expect.stringContaining('caio/change/v1\n'),
    });
  });

  it('a credential without a verifier key changes nothing', async () => {
    const { answered } = await put('three', (text) => signText(text, [alice, bob]), { key: 'admin' });
    expect(answered.body).toMatchObject({ reason: 'author_without_key' });
  });

  it('a note of another contract, or of another log, does not stand', async () => {
    const other = await put('four', (text) => signText(text.replace('four', 'five'), [alice, bob]));
    expect(other.answered.body).toMatchObject({ reason: 'change_differs' });
    const elsewhere = await put('four', (text) => signText(text.replace(origin, 'caio.other'), [alice, bob]));
    expect(elsewhere.answered.body).toMatchObject({ reason: 'change_differs' });
  });

  it.each(['not base64!', headerOf('x'.repeat(9000)), Buffer.from([0xff, 0xfe]).toString('base64')])(
    'a header that is no note is invalid',
    async (value) => {
      const headers = { 'x-caio-change': value };
      const answered = await running.call('POST', '/api/v1/services', {
        key: people.alice,
        body: wireContract('s'),
        headers,
      });
      expect([answered.status, answered.body.code]).toEqual([422, 'invalid_request']);
    },
  );

  it('an old note does not bring a removed contract back after it has expired', async () => {
    let note = '';
    const first = await put('again', (text) => {
      note = signText(text, [alice, bob]);
      return note;
    });
    expect(first.answered.status).toBe(201);
    const gone = await put('again', (text) => signText(text, [alice, bob]), {
      method: 'DELETE',
      path: '/api/v1/services/again',
    });
    expect(gone.answered.status).toBe(200);
    const replay = () =>
      running.call('POST', '/api/v1/services', {
        key: people.alice,
        body: wireContract('again'),
        headers: { 'x-caio-change': headerOf(note) },
      });
    running.advance(3_600_000_000);
    const replayed = await replay();
    expect(replayed.body).toMatchObject({ code: 'change_not_signed', reason: 'change_expired' });
  });

  it('each kind asks for what it asks for: availability and policies for the author alone', async () => {
    const off = await put('two', (text) => signText(text, [alice]), {
      path: '/api/v1/services/two/disable',
      body: { reason: 'tests' },
    });
    expect([off.answered.status, off.answered.body.enabled]).toEqual([200, false]);
    const rule = { id: 'r', type: 'security', when: 'true', require: 'true', reason: 'none', priority: 1 };
    const policy = { id: 'p', version: '1.0.0', rules: [rule] };
    const inForce = await put('', (text) => signText(text, [alice]), {
      path: '/api/v1/policies',
      body: policy,
    });
    expect(inForce.answered.status, inForce.answered.text).toBe(201);
    const out = await put('', (text) => signText(text, [alice]), {
      method: 'DELETE',
      path: '/api/v1/policies/p',
    });
    expect(out.answered.status).toBe(200);
  });

  it('a key is made by its holder, its record signed, and then it can be used', async () => {
    const drawn = await running.call('POST', '/api/v1/keys', {
      key: people.alice,
      body: { tenant: 'acme', scopes: ['decide'], expires: '2030-01-01T00:00:00Z' },
    });
    expect(drawn.body).toMatchObject({ code: 'change_not_signed', reason: 'change_missing' });
    expect(drawn.body.statement).toBeUndefined();
    const { key, record } = mintApiKey(grant(['register']), (bytes) => new Uint8Array(bytes).fill(9));
    const path = `/api/v1/keys/${record.id}`;
    const { answered } = await put('', (text) => signText(text, [alice, bob]), {
      method: 'PUT',
      path,
      body: record,
    });
    expect(answered.status, answered.text).toBe(201);
    expect((await running.call('GET', '/api/v1/services', { key })).status).toBe(200);
    const again = await running.call('PUT', path, { key: people.alice, body: record });
    expect(again.status).toBe(200);
    const other = { ...record, trust_level: 9 };
    expect((await running.call('PUT', path, { key: people.alice, body: other })).status).toBe(409);
    const revoked = await put('', (text) => signText(text, [alice, bob]), { method: 'DELETE', path });
    expect(revoked.answered.status).toBe(200);
    expect((await running.call('GET', '/api/v1/services', { key })).status).toBe(401);
  });

  it.each([
    ['an unknown member', { secret: 1 }],
    ['an id that is none', { id: 'x' }],
    ['a digest that is none', { digest: 'x' }],
    ['unsorted scopes', { scopes: ['register', 'decide'] }],
    ['a time that is none', { expires: 'tomorrow' }],
    ['a verifier key that is none', { verifier_key: 'a+b+c' }],
    ['a commitment to a subject', { subject_commitment: '0'.repeat(64) }],
    ['a subject', { subject: 'patient-17' }],
  ])('a record with %s is invalid', async (_, more) => {
    const { record } = mintApiKey(grant(['decide']), (bytes) => new Uint8Array(bytes).fill(8));
    const answered = await running.call('PUT', `/api/v1/keys/${record.id}`, {
      key: people.alice,
      body: { ...record, ...more },
    });
    expect([answered.status, answered.body.code], answered.text).toEqual([422, 'invalid_key']);
  });

  it('nobody but an admin says who may sign', async () => {
    const body = {
      tenant: 'acme',
      scopes: ['decide'],
      permissions: [],
      trust_level: 1,
      expires: new Date(Date.now() + 60_000).toISOString(),
      verifier_key: verifierKeyOf(bob),
    };
    const refused = await running.call('POST', '/api/v1/keys', { key: 'keys', body });
    expect(refused.body).toMatchObject({ code: 'forbidden', excess: ['verifier_key'] });
  });

  it('switching approval off needs approval itself', async () => {
    const { approval: _, ...without } = running.log.view.folded.state.parameters;
    const body = formatParameters(without);
    const call = (headers = {}) =>
      running.call('PUT', '/api/v1/parameters', {
        key: people.alice,
        body,
        headers: { ...json, ...headers },
      });
    const asked = await call();
    expect(asked.body).toMatchObject({ code: 'change_not_signed', required: 'author_and_approver' });
    const alone = await call({ 'x-caio-change': headerOf(signText(asked.body.statement, [alice])) });
    expect(alone.body).toMatchObject({ reason: 'approval_missing' });
    const both = await call({ 'x-caio-change': headerOf(signText(asked.body.statement, [alice, bob])) });
    expect(both.status).toBe(200);
    const free = await running.call('POST', '/api/v1/services', { key: 'admin', body: wireContract('free') });
    expect(free.status).toBe(201);
  });
});
