import { createHmac, generateKeyPairSync } from 'node:crypto';
import { exportJWK, exportSPKI, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { type Running, startServer } from '../fixtures/server/running-server.js';

const issuer = 'https://login.example';
const ed = generateKeyPairSync('ed25519');
const es = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('ed25519');
const body = { request: { intent: { type: 'chat' } } };

let caio: Running;
beforeAll(async () => {
  const keys: JWK[] = [
    { ...(await exportJWK(ed.publicKey)), kid: 'ed', alg: 'EdDSA', use: 'sig' },
    { ...(await exportJWK(es.publicKey)), kid: 'es', alg: 'ES256', use: 'sig' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
  ];
  caio = await startServer({
    jwt: { issuer, audience: 'caio', keys: { keys } },
    parameters: {
      ...defaultParameters,
      authentication: { ...defaultParameters.authentication, issuers: ['caio', issuer] },
    },
  });
});
afterAll(() => caio.close());

const seconds = () => Math.floor(Date.now() / 1000);
const claims = (more: object = {}): JWTPayload => ({
  iss: issuer,
  aud: 'caio',
  sub: 'clerk-12',
  nbf: seconds() - 60,
  exp: seconds() + 3600,
  tenant: 'acme',
  permissions: ['chat:use'],
  trust_level: 3,
  scope: 'decide openid',
  ...more,
});

interface Signing {
  readonly alg?: string;
  readonly kid?: string | undefined;
  readonly key?: Parameters<SignJWT['sign']>[0];
}

function token(
  payload: JWTPayload,
  { alg = 'EdDSA', kid = 'ed', key = ed.privateKey }: Signing = {},
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
}

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const without = (name: string) =>
  Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
const route = (key: string | undefined, headers = {}) =>
  caio.call('POST', '/api/v1/route', { key, body, headers });

describe('a credential that holds', () => {
  it.each([
    ['EdDSA', 'ed', ed.privateKey],
    ['ES256', 'es', es.privateKey],
    ['RS256', 'rsa', rsa.privateKey],
  ] as const)('JWT signed with %s', async (alg, kid, key) => {
    const decided = await route(await token(claims(), { alg, kid, key }));
    expect(decided.status, decided.text).toBe(200);
    const { inputs } = decided.body.certificate;
    expect(inputs.caller).toMatchObject({
      method: 'jwt',
      issuer,
      audience: 'caio',
      key_id: kid,
      tenant: 'acme',
      permissions: ['chat:use'],
      trust_level: 3,
    });
    expect(Object.keys(inputs.commitments)).toContain('caller.subject');
    expect(decided.body.certificate.funnel.steps[0]).toMatchObject({ step: 'authentication', entered: 0 });
  });

  it('API key', async () => {
    expect((await route('decide')).status).toBe(200);
  });

  it('JWT for several audiences, valid from its time of issue where it has no nbf', async () => {
    const { nbf: _, ...rest } = claims({ aud: ['caio', 'elsewhere'], iat: seconds() - 10 });
    expect((await route(await token(rest))).status).toBe(200);
  });
});

/** What must be refused with 401, and the reason. */
const refusals: readonly (readonly [
  name: string,
  reason: string,
  credential: () => Promise<string> | string,
])[] = [
  ['no API key of this id', 'credential_unknown', () => `caio_${'0'.repeat(16)}_${'A'.repeat(43)}`],
  ['an API key with another secret', 'credential_unknown', () => `${caio.keys.decide?.slice(0, -2)}zz`],
  ['an API key cut short', 'credential_malformed', () => caio.keys.decide?.slice(0, -1) ?? ''],
  [
    'half a token',
    'credential_malformed',
    async () => (await token(claims())).split('.').slice(0, 2).join('.'),
  ],
  ['a token of noise', 'credential_malformed', () => 'a.b.c'],
  ['another issuer', 'issuer_unknown', () => token(claims({ iss: 'https://evil.example' }))],
  ['no issuer', 'claim_missing', () => token(without('iss'))],
  ['another audience', 'audience_wrong', () => token(claims({ aud: 'elsewhere' }))],
  ['no audience', 'claim_missing', () => token(without('aud'))],
  ['alg none', 'algorithm_not_allowed', () => `${segment({ alg: 'none', kid: 'ed' })}.${segment(claims())}.`],
  [
    'alg None',
    'algorithm_not_allowed',
    () => `${segment({ alg: 'None', kid: 'ed' })}.${segment(claims())}.AA`,
  ],
  ['HS256 with the public key as secret', 'algorithm_not_allowed', confusedToken],
  [
    'an algorithm that is not pinned',
    'algorithm_not_allowed',
    () => token(claims(), { alg: 'PS256', kid: 'rsa', key: rsa.privateKey }),
  ],
  [
    'RS256 under the id of another key',
    'key_unknown',
    () => token(claims(), { alg: 'RS256', kid: 'ed', key: rsa.privateKey }),
  ],
  ['expired', 'expired', () => token(claims({ exp: seconds() - 1 }))],
  ['expiring this second', 'expired', () => token(claims({ exp: seconds() }))],
  ['not yet valid', 'not_yet_valid', () => token(claims({ nbf: seconds() + 120 }))],
  [
    'issued in the future, without nbf',
    'not_yet_valid',
    () => token({ ...without('nbf'), iat: seconds() + 120 }),
  ],
  ['no expiry', 'claim_missing', () => token(without('exp'))],
  ['neither nbf nor iat', 'claim_missing', () => token(without('nbf'))],
  ['no subject', 'claim_missing', () => token(without('sub'))],
  ['no tenant', 'claim_missing', () => token(without('tenant'))],
  ['no trust level', 'claim_missing', () => token(without('trust_level'))],
  ['a tenant that is none', 'claim_invalid', () => token(claims({ tenant: '../other' }))],
  ['permissions that are no list', 'claim_invalid', () => token(claims({ permissions: 'root' }))],
  ['a trust level as text', 'claim_invalid', () => token(claims({ trust_level: '9' }))],
  ['a trust level out of range', 'claim_invalid', () => token(claims({ trust_level: 11 }))],
  ['an expiry beyond all time', 'claim_invalid', () => token(claims({ exp: 1e300 }))],
  ['a scope that is no text', 'claim_invalid', () => token(claims({ scope: ['admin'] }))],
  ['a key id that nobody knows', 'key_unknown', () => token(claims(), { kid: 'nonesuch' })],
  [
    'no key id',
    'key_unknown',
    () => new SignJWT(claims()).setProtectedHeader({ alg: 'EdDSA' }).sign(ed.privateKey),
  ],
  ['a signature by another key', 'signature_invalid', () => token(claims(), { key: other.privateKey })],
  ['claims changed after signing', 'signature_invalid', changedToken],
];

/** The classic: the public key, which everybody has, used as the secret of an HMAC. */
async function confusedToken(): Promise<string> {
  const head = `${segment({ alg: 'HS256', kid: 'rsa' })}.${segment(claims({ scope: 'admin' }))}`;
  const pem = await exportSPKI(rsa.publicKey);
  return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
}

async function changedToken(): Promise<string> {
  const [head, , signature] = (await token(claims())).split('.');
  return `${head}.${segment(claims({ tenant: 'other', scope: 'admin' }))}.${signature}`;
}

describe('a credential that does not hold is refused', () => {
  it.each(refusals)('%s: %s', async (_name, reason, credential) => {
    const { size } = caio.log;
    const refused = await route(await credential());
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([
      401,
      'unauthenticated',
      reason,
    ]);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="caio"');
    expect(caio.log.size).toBe(size);
    expect(caio.lines.at(-1)).toMatchObject({ status: 401, reason });
  });

  it.each([
    ['no header', {}, 'credential_missing'],
    ['an empty header', { authorization: '' }, 'credential_malformed'],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }, 'credential_malformed'],
    ['no token', { authorization: 'Bearer' }, 'credential_malformed'],
    ['a token with a space', { authorization: 'Bearer a b' }, 'credential_malformed'],
    ['an overlong token', { authorization: `Bearer ${'a'.repeat(9000)}` }, 'credential_malformed'],
  ])('%s', async (_name, headers, reason) => {
    const refused = await route(undefined, headers);
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([
      401,
      'unauthenticated',
      reason,
    ]);
  });

  it('an API key from the moment of its expiry on, and before its beginning', async () => {
    const micros = 3600 * 1e6;
    const at = (shift: number) => new Date(Date.now() + shift).toISOString();
    const grant = {
      tenant: 'acme',
      scopes: ['decide'],
      not_before: at(1_800_000),
      expires: at(3_600_000 * 3),
    };
    const { key } = (await caio.call('POST', '/api/v1/keys', { key: 'admin', body: grant })).body;
    expect((await route(key)).body.reason).toBe('not_yet_valid');
    caio.advance(micros);
    expect((await route(key)).status).toBe(200);
    caio.advance(2 * micros);
    expect((await route(key)).body.reason).toBe('expired');
    caio.advance(-3 * micros);
  });

  it('an API key from its revocation on, also where it was in use before', async () => {
    const grant = { tenant: 'acme', scopes: ['decide'], expires: '2199-01-01T00:00:00Z' };
    const { key, id } = (await caio.call('POST', '/api/v1/keys', { key: 'admin', body: grant })).body;
    expect((await route(key)).status).toBe(200);
    await caio.call('DELETE', `/api/v1/keys/${id}`, { key: 'admin' });
    for (const refused of [await route(key), await caio.call('GET', '/ready', { key })]) {
      expect([refused.status, refused.body.reason]).toEqual([401, 'revoked']);
    }
  });
});

describe('identity comes from the credential alone', () => {
  it.each([
    ['caller beside the request', { ...body, caller: { tenant: 'other' } }],
    ['tenant in the request', { request: { ...body.request, tenant: 'other' } }],
    ['permissions in the request', { request: { ...body.request, permissions: ['root'] } }],
    ['trust level in the request', { request: { ...body.request, trust_level: 10 } }],
  ])('%s is refused as a field that nobody reads', async (_name, hostile) => {
    const refused = await caio.call('POST', '/api/v1/route', { key: 'decide', body: hostile });
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid_request']);
    expect(refused.body.problems[0].code).toBe('field_unknown');
  });

  it('headers that name a tenant change nothing', async () => {
    const headers = { 'x-tenant': 'other', 'x-caio-tenant': 'other', 'x-forwarded-user': 'root' };
    const decided = await route('decide', headers);
    expect(decided.body.certificate.inputs.caller).toMatchObject({
      tenant: 'acme',
      permissions: ['chat:use'],
    });
  });

  it('context that rules read as the user is not the user', async () => {
    const context = { tenant: 'other', trust_level: 10 };
    const decided = await caio.call('POST', '/api/v1/route', {
      key: 'decide',
      body: { request: { ...body.request, context } },
    });
    expect(decided.body.certificate.inputs.caller.tenant).toBe('acme');
    expect(decided.body.certificate.inputs.request.context).toEqual({});
  });
});

describe('scopes', () => {
  const routes = [
    ['GET', '/api/v1/services', ['decide', 'register']],
    ['POST', '/api/v1/services', ['register']],
    ['GET', '/api/v1/services/x', ['decide', 'register']],
    ['GET', '/api/v1/services/x/history', ['decide', 'register']],
    ['PUT', '/api/v1/services/x', ['register']],
    ['DELETE', '/api/v1/services/x', ['register']],
    ['POST', '/api/v1/services/x/enable', ['register']],
    ['POST', '/api/v1/services/x/disable', ['register']],
    ['POST', '/api/v1/discover', ['decide', 'execute']],
    ['POST', '/api/v1/route', ['decide', 'execute']],
    ['POST', '/api/v1/orchestrate', ['execute']],
    ['GET', '/api/v1/traces', ['traces']],
    ['GET', '/api/v1/traces/x', ['traces']],
    ['GET', '/api/v1/traces/x/bundle', ['traces']],
    ['GET', '/api/v1/traces/x/openings', ['traces']],
    ['GET', '/api/v1/traces/x/proof', ['traces']],
    ['POST', '/api/v1/erasures', ['erase']],
    ['PUT', '/api/v1/holds', ['erase']],
    ['DELETE', '/api/v1/holds', ['erase']],
    ['POST', '/api/v1/sweeps', []],
    ['GET', '/api/v1/policies', ['policies']],
    ['POST', '/api/v1/policies', ['policies']],
    ['GET', '/api/v1/policies/x', ['policies']],
    ['PUT', '/api/v1/policies/x', ['policies']],
    ['DELETE', '/api/v1/policies/x', ['policies']],
    ['GET', '/api/v1/parameters', []],
    ['PUT', '/api/v1/parameters', []],
    ['GET', '/api/v1/keys', ['keys']],
    ['POST', '/api/v1/keys', ['keys']],
    ['GET', '/api/v1/keys/x', ['keys']],
    ['PUT', '/api/v1/keys/x', ['keys']],
    ['DELETE', '/api/v1/keys/x', ['keys']],
    ['POST', '/v1/chat/completions', ['execute']],
    ['GET', '/v1/models', ['decide', 'execute']],
    ['GET', '/v1/models/x', ['decide', 'execute']],
    ['GET', '/metrics', ['metrics']],
    ['GET', '/log/checkpoint', ['log']],
    ['GET', '/log/checkpoint/newest', ['log']],
    ['GET', '/log/tile/*', ['log']],
    ['GET', '/api/v1/audit/entries', ['audit']],
    ['GET', '/api/v1/audit/attempts', ['audit']],
    ['GET', '/api/v1/audit/summary', ['audit']],
  ] as const;
  const all = [
    'decide',
    'execute',
    'register',
    'policies',
    'keys',
    'traces',
    'metrics',
    'log',
    'audit',
    'erase',
    'admin',
  ] as const;
  const keys: { [scope: string]: string } = {};

  beforeAll(async () => {
    for (const scope of all) {
      const grant = { tenant: 'acme', scopes: [scope], expires: '2199-01-01T00:00:00Z' };
      keys[scope] = (await caio.call('POST', '/api/v1/keys', { key: 'admin', body: grant })).body.key;
    }
  });

  it('covers every route that needs one', () => {
    const served = caio.server.routes.filter(({ scopes }) => typeof scopes === 'object');
    expect(served.map(({ method, url }) => `${method} ${url.replace(/:\w+/g, 'x')}`).sort()).toEqual(
      routes.map(([method, path]) => `${method} ${path}`).sort(),
    );
  });

  it.each(routes)('%s %s needs one of %j', async (method, path, needed) => {
    for (const scope of all) {
      const { status, body: answer } = await caio.call(method, path, { key: keys[scope] });
      const admitted = scope === 'admin' || (needed as readonly string[]).includes(scope);
      expect([scope, status === 403], JSON.stringify(answer)).toEqual([scope, !admitted]);
      expect(status).not.toBe(401);
    }
    expect((await caio.call(method, path)).status).toBe(401);
  });

  it.each([
    '/ready',
    '/openapi.json',
    '/docs/',
    '/docs/json',
    '/nonesuch',
    '/v1/nonesuch',
    '/api/v1/nonesuch',
  ])('%s needs a credential, any', async (path) => {
    expect((await caio.call('GET', path)).status).toBe(401);
    expect((await caio.call('GET', path, { key: keys.metrics })).status).toBe(
      path.includes('nonesuch') ? 404 : 200,
    );
  });

  it('a browser may open the page with an API key as password, and do nothing else with it', async () => {
    const authorization = (key: string) => `Basic ${Buffer.from(`caio:${key}`).toString('base64')}`;
    const headers = { authorization: authorization(keys.admin as string) };
    for (const path of ['/docs/', '/docs/json', '/docs/static/index.css', '/openapi.json']) {
      const refused = await caio.call('GET', path);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="caio", Basic realm="caio"',
      ]);
      expect((await caio.call('GET', path, { headers })).status).toBe(200);
    }
    for (const wrong of ['', 'caio', `${keys.admin}x`]) {
      const refused = await caio.call('GET', '/docs/', { headers: { authorization: authorization(wrong) } });
      expect(refused.status).toBe(401);
    }
    for (const path of ['/api/v1/services', '/ready', '/metrics', '/v1/models', '/docsx']) {
      expect((await caio.call('GET', path, { headers })).status).toBe(401);
    }
  });

  it('nothing but health from the machine itself is open', async () => {
    expect((await caio.call('GET', '/health')).body).toMatchObject({ status: 'ok' });
  });

  it('unknown scopes of a token grant nothing', async () => {
    const refused = await route(await token(claims({ scope: 'root decide2 caio:admin' })));
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
  });
});
