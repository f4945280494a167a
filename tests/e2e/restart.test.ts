import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEcho } from '../fixtures/server/echo-service.js';
import { chatRequest } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { type Served, serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
let admin = '';
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

/** What is readable of the state and of what happened. */
async function everything(decision: string) {
  const paths = ['services', 'policies', 'parameters', 'keys', 'traces', `traces/${decision}`];
  const answers = await Promise.all(paths.map((path) => call('GET', `/api/v1/${path}`)));
  // Openings are kept off the log, in memory: they are gone, as the README says.
  return answers.map(({ status, body: { openings, ...body } }) => ({ status, body }));
}

const logSize = async (): Promise<number> => {
  const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${admin}` } });
  return Number(/^caio_log_size (\d+)$/m.exec(await response.text())?.[1]);
};

const permissive = {
  id: 'no-poems',
  version: '1',
  context: {},
  rules: [
    {
      id: 'no-poems',
      type: 'compliance',
      when: 'request.intent.type == "poem"',
      require: 'false',
      reason: 'no poems',
    },
  ],
};

beforeAll(async () => {
  scratch = await scratchFolder();
  expect(await caio(['init', file('home'), '--name', 'caio.example'])).toMatchObject({ code: 0 });
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  server = await serve(file('home/caio.yaml'));
});

afterAll(async () => {
  await server.kill();
  await scratch.dispose();
});

describe('kill -9 and another start', () => {
  test('services, policies, keys with a revoked one, traces and the log are what they were', async () => {
    const echo = await startEcho('said');
    expect((await call('POST', '/api/v1/services', echo.contract)).status).toBe(201);
    expect((await call('POST', '/api/v1/policies', permissive)).status).toBe(201);
    const grant = {
      tenant: 'acme',
      permissions: ['chat:use'],
      trust_level: 5,
      scopes: ['execute', 'traces'],
      expires: '2199-01-01T00:00:00Z',
    };
    const [kept, revoked] = await Promise.all([
      call('POST', '/api/v1/keys', grant),
      call('POST', '/api/v1/keys', grant),
    ]);
    expect([kept.status, revoked.status]).toEqual([201, 201]);
    expect((await call('DELETE', `/api/v1/keys/${revoked.body.id}`)).status).toBe(200);
    const served = await call('POST', '/api/v1/orchestrate', chatRequest, kept.body.key);
    expect(served.body).toMatchObject({ result: { text: 'said hello' } });
    const id = served.body.decision_id as string;
    const bundle = (await call('GET', `/api/v1/traces/${id}/bundle`)).text;
    const before = await everything(id);
    const sizeBefore = await logSize();

    await server.kill();
    server = await serve(file('home/caio.yaml'));

    expect(server.printed).toMatch(/the log is in .*data \(\d+ entries\)/);
    expect(await everything(id)).toEqual(before);
    // The admin read keys, traces and a trace of others again: each is an entry, and nothing else is.
    expect(await logSize()).toBe(sizeBefore + 3);
    expect((await call('GET', '/api/v1/traces', undefined, revoked.body.key)).status).toBe(401);
    expect((await call('GET', `/api/v1/traces/${id}/bundle`)).text).toBe(bundle);
    await writeFile(file('bundle.json'), bundle);
    const key = /verifier key (\S+)/.exec(server.printed)?.[1] ?? '';
    expect(await caio(['verify', file('bundle.json'), '--key', key, '--level', '3'])).toMatchObject({
      code: 0,
    });
    const again = await call('POST', '/api/v1/orchestrate', chatRequest, kept.body.key);
    expect(again.body).toMatchObject({ result: { text: 'said hello' } });
    await echo.service.close();
  });

  test('a second process on the folder is refused with the first one named', async () => {
    await expect(serve(file('home/caio.yaml'))).rejects.toThrow(
      /is open in process \d+; one process at a time has it/,
    );
    expect((await call('GET', '/ready')).status).toBe(200);
  });

  test('files that differ from the log are named, and change nothing', async () => {
    await server.stop();
    await writeFile(file('home/policies/other.yaml'), JSON.stringify({ ...permissive, id: 'other' }));
    server = await serve(file('home/caio.yaml'));
    expect(server.printed).toMatch(/the log counts, not these files .*: policy other\n/);
    const listed = (await call('GET', '/api/v1/policies')).body.policies as readonly {
      readonly id: string;
    }[];
    expect(listed.map(({ id }) => id)).toEqual(['no-poems']);
  });

  test('another signing key does not continue the log', async () => {
    await server.stop();
    const made = await caio(['init', file('other'), '--name', 'caio.example']);
    expect(made.code).toBe(0);
    const ran = await caio(['serve', '--config', file('other/caio.yaml'), '--port', '0'], {
      CAIO_DATA: file('home/data'),
    });
    expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(/signer_mismatch/)]);
    server = await serve(file('home/caio.yaml'));
  });

  test('without storage the log is in memory, and that is said', async () => {
    await server.stop();
    const text = await readFile(file('home/caio.yaml'), 'utf8');
    await writeFile(file('home/memory.yaml'), text.replace(/^storage:.*\n( {2}.*\n)+/m, ''));
    server = await serve(file('home/memory.yaml'));
    expect(server.printed).toMatch(
      /the log is in memory: what is registered, decided and revoked is forgotten/,
    );
    expect((await call('GET', '/api/v1/services')).body.services).toEqual([]);
  });
});
