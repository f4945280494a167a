import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMasterKey } from '../../src/server/openings/master-key.js';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { filesWith } from '../support/folder-bytes.js';
import { type Served, serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
let admin = '';
let clerk = '';
let echo: Awaited<ReturnType<typeof startEcho>>;
const file = (name: string): string => scratch.path(name);

async function call(method: string, path: string, body?: unknown, key = admin) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
}

const command = (...args: readonly string[]) =>
  caio([...args, '--url', server.url, '--key-file', file('home/admin.key'), '--json']);
const erase = (subject: string) => command('erase', '--subject', subject, '--tenant', 'acme');
const asked = (subject: string, payload = 'hello') => ({
  request: { ...chatRequest.request, subject },
  payload: { messages: [{ role: 'user', content: payload }] },
});

async function decided(subject: string, payload?: string): Promise<string> {
  const answer = await call('POST', '/api/v1/orchestrate', asked(subject, payload), clerk);
  expect(answer.status).toBe(200);
  return answer.body.decision_id as string;
}

/** Runs the verifier on the decision's bundle with what is left of its openings. */
async function verified(decision: string) {
  const bundle = await call('GET', `/api/v1/traces/${decision}/bundle`);
  const openings = await call('GET', `/api/v1/traces/${decision}/openings`, undefined, clerk);
  await writeFile(file('bundle.json'), bundle.text);
  await writeFile(file('openings.json'), openings.text);
  const key = /verifier key (\S+)/.exec(server.printed)?.[1] ?? '';
  const args = ['verify', file('bundle.json'), '--key', key, '--openings', file('openings.json'), '--json'];
  const ran = await caio(args);
  return { code: ran.code, openings: openings.body, report: JSON.parse(ran.out) };
}

beforeAll(async () => {
  scratch = await scratchFolder();
  expect(await caio(['init', file('home'), '--name', 'caio.example'])).toMatchObject({ code: 0 });
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  server = await serve(file('home/caio.yaml'));
  echo = await startEcho('said');
  expect((await call('POST', '/api/v1/services', echo.contract)).status).toBe(201);
  const issued = await call('POST', '/api/v1/keys', {
    tenant: 'acme',
    permissions: ['chat:use'],
    trust_level: 5,
    scopes: ['execute', 'traces'],
    expires: '2199-01-01T00:00:00Z',
    subject: 'clerk-at-desk-9',
  });
  clerk = issued.body.key;
});

afterAll(async () => {
  await server.kill();
  await echo.service.close();
  await scratch.dispose();
});

describe('openings', () => {
  test('outlive kill -9, with the subjects of API keys, and open what was certified', async () => {
    const decision = await decided('patient-of-before');
    const before = (await call('GET', `/api/v1/traces/${decision}/openings`, undefined, clerk)).body;
    expect(before.openings['caller.subject'].value).toBe('clerk-at-desk-9');
    expect(before.openings['result.0'].salt).toMatch(/^[0-9a-f]{64}$/);
    await server.kill();
    server = await serve(file('home/caio.yaml'));
    expect(server.printed).toMatch(/openings are in .*openings, under the vault key [0-9a-f]{8}\n/);
    const after = await verified(decision);
    expect(after.openings).toEqual(before);
    expect(after).toMatchObject({
      code: 0,
      report: {
        level: 3,
        openings: {
          opened: ['caller.subject', 'request.subject'],
          without_value: ['payload'],
          false: [],
          gone: [],
        },
      },
    });
    const again = await decided('patient-of-after');
    expect((await verified(again)).report.openings.opened).toContain('caller.subject');
  });

  test('are for the credential that asked, and for nobody else', async () => {
    const decision = await decided('patient-of-mine');
    const foreign = await call('GET', `/api/v1/traces/${decision}/openings`);
    expect([foreign.status, foreign.body.code]).toEqual([403, 'forbidden']);
    expect((await call('GET', `/api/v1/traces/${decision}`)).body).not.toHaveProperty('openings');
  });

  test('with another value than was decided about are named false', async () => {
    const decision = await decided('patient-of-truth');
    const { openings } = await verified(decision);
    const key = /verifier key (\S+)/.exec(server.printed)?.[1] ?? '';
    openings.openings['request.subject'].value = 'patient-of-lies';
    await writeFile(file('lies.json'), JSON.stringify(openings));
    const ran = await caio(['verify', file('bundle.json'), '--key', key, '--openings', file('lies.json')]);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/other values than were decided about: 1 \(request\.subject\)/);
  });
});

describe('caio erase', () => {
  test('leaves nothing of the subject on the disk, and every level holds', async () => {
    const payload = 'the payload that nobody keeps';
    const decisions = [await decided('patient-to-forget', payload), await decided('patient-to-forget')];
    const kept = await decided('patient-to-keep');
    const salts = await Promise.all(
      decisions.map(
        async (id) => (await call('GET', `/api/v1/traces/${id}`, undefined, clerk)).body.openings,
      ),
    );
    const erased = await erase('patient-to-forget');
    expect(erased.code).toBe(0);
    const told = JSON.parse(erased.out);
    // Of each decision: payload, subject, and the result that came of it.
    expect(told).toMatchObject({ openings: 6, log_index: expect.any(Number) });

    for (const id of decisions) {
      const { code, openings, report } = await verified(id);
      expect([code, report.level]).toEqual([0, 3]);
      expect(Object.keys(openings.openings)).toEqual(['caller.subject']);
      expect(report.openings.gone).toEqual(['payload', 'request.subject']);
      const trace = await call('GET', `/api/v1/traces/${id}`);
      expect(trace.body.openings_gone).toEqual(['payload', 'request.subject']);
    }
    expect((await verified(kept)).report.openings.gone).toEqual([]);

    const vault = await readFile(file('home/vault.key'), 'utf8');
    const master = parseMasterKey(vault);
    const wanted = [
      'patient-to-forget',
      payload,
      told.salt,
      Buffer.from(told.salt, 'hex'),
      ...salts.flatMap(({ payload, 'request.subject': subject, 'result.0': result }) =>
        [payload, subject, result].flatMap((salt: string) => [salt, Buffer.from(salt, 'hex')]),
      ),
      ...(master.ok ? [master.value.bytes] : []),
    ];
    expect(wanted.length).toBe(17);
    for (const each of wanted) expect(filesWith(file('home'), each)).toEqual([]);
    // The search finds what is there.
    expect(filesWith(file('home'), decisions[0] as string)).not.toEqual([]);
  });

  test('once more finds nothing, and records nothing', async () => {
    const again = await erase('patient-to-forget');
    expect([again.code, JSON.parse(again.out)]).toEqual([0, { openings: 0 }]);
  });

  test('an API key works on without its erased subject, also after a start', async () => {
    await decided('patient-of-the-clerk');
    const erased = await erase('clerk-at-desk-9');
    expect([erased.code, JSON.parse(erased.out).openings]).toEqual([0, expect.any(Number)]);
    const decision = await decided('patient-of-nobody');
    const { certificate } = (await call('GET', `/api/v1/traces/${decision}`)).body;
    expect(Object.keys(certificate.inputs.commitments)).toEqual(['payload', 'request.subject']);
    await server.kill();
    server = await serve(file('home/caio.yaml'));
    await decided('patient-of-nobody');
    expect(filesWith(file('home'), 'clerk-at-desk-9')).toEqual([]);
  });
});

describe('caio hold', () => {
  test('refuses erasure with its code until it is released, also after a start', async () => {
    await decided('patient-in-court');
    const about = ['--subject', 'patient-in-court', '--tenant', 'acme'];
    expect((await command('hold', ...about)).code).toBe(0);
    await server.kill();
    server = await serve(file('home/caio.yaml'));
    const refused = await erase('patient-in-court');
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([3, 'legal_hold']);
    expect((await command('hold', ...about, '--release')).code).toBe(0);
    const none = await command('hold', ...about, '--release');
    expect([none.code, JSON.parse(none.out).error.code]).toEqual([2, 'not_found']);
    expect(JSON.parse((await erase('patient-in-court')).out).openings).toBe(3);
  });

  test('of another tenant is an admin’s to set', async () => {
    const issued = await call('POST', '/api/v1/keys', {
      tenant: 'acme',
      scopes: ['erase'],
      expires: '2199-01-01T00:00:00Z',
    });
    const { key } = issued.body;
    const foreign = { subject: 'patient-in-court', tenant: 'globex' };
    expect((await call('PUT', '/api/v1/holds', foreign, key)).status).toBe(403);
    expect((await call('POST', '/api/v1/erasures', foreign, key)).status).toBe(403);
    expect((await call('PUT', '/api/v1/holds', { subject: 'patient-in-court' }, key)).status).toBe(200);
    expect((await call('POST', '/api/v1/erasures', { subject: 'x' }, clerk)).status).toBe(403);
  });
});

describe('caio vault', () => {
  test('sweep finds nothing where nothing has expired', async () => {
    const ran = await command('vault', 'sweep');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([0, { expired: [] }]);
  });

  test('rotate puts everything under a new key; the old one no longer opens it', async () => {
    const decision = await decided('patient-under-two-keys');
    const config = file('home/caio.yaml');
    const rotate = ['vault', 'rotate', '--config', config, '--new-key', file('home/vault-2.key')];
    const busy = await caio(rotate);
    expect([busy.code, busy.err]).toEqual([4, expect.stringMatching(/is open in process \d+/)]);
    await server.stop();
    expect((await caio(rotate)).code).toBe(0);
    await expect(serve(config)).rejects.toThrow(
      /The vault is under the vault key [0-9a-f]{8}; the key given is/,
    );
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('key: vault.key', 'key: vault-2.key'));
    server = await serve(config);
    const trace = await call('GET', `/api/v1/traces/${decision}/openings`, undefined, clerk);
    expect(trace.body.openings['request.subject'].value).toBe('patient-under-two-keys');
  });
});
