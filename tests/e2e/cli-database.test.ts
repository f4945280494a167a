import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { caio, scratchFolder } from '../support/caio-command.js';
import { freshLogUrl, noPostgres, openPostgres, sql } from '../support/postgres-server.js';
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

describe('caio with its log in PostgreSQL', () => {
  test('init, doctor and two servers, none of which shows the password', async () => {
    const url = await freshLogUrl();
    const { password, searchParams } = new URL(url);
    const environment = { LOG_URL: url };
    const made = await caio(['init', file('home'), '--postgres', 'env:LOG_URL']);
    expect(made).toMatchObject({ code: 0 });
    expect(await readFile(file('home/caio.yaml'), 'utf8')).toContain(
      '  driver: postgres\n  url: "env:LOG_URL"\n',
    );
    const doctor = () => caio(['doctor', '--config', file('home/caio.yaml')], environment);
    const before = await doctor();
    expect(before).toMatchObject({
      code: 0,
      out: expect.stringMatching(/log database: .*made at the first start/),
    });

    const servers: Served[] = [];
    for (let i = 0; i < 2; i += 1) servers.push(await serve(file('home/caio.yaml'), environment));
    const [one, other] = servers as [Served, Served];
    expect(one.printed).toMatch(/the log is in database \S+ at \S+:\d+, schema \S+ \(2 entries\)/);
    const admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
    const call = async (server: Served, method: string, path: string, key: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(server.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        body: (await response.json()) as { readonly id: string; readonly key: string },
      };
    };
    const grant = { tenant: 'acme', scopes: ['decide'], expires: '2199-01-01T00:00:00Z' };
    const { body: issued } = await call(one, 'POST', '/api/v1/keys', admin, grant);
    const until = async (status: number) => {
      while ((await call(other, 'GET', '/api/v1/services', issued.key)).status !== status);
    };
    await until(200);
    expect((await call(one, 'DELETE', `/api/v1/keys/${issued.id}`, admin)).status).toBe(200);
    // Decisions are refused from the entry on; reads from when the other instance has heard of it.
    const deciding = await call(other, 'POST', '/api/v1/route', issued.key, {
      request: { intent: { type: 'chat' } },
    });
    expect(deciding.status).toBe(401);
    await until(401);

    const after = await doctor();
    expect(after).toMatchObject({ code: 0, out: expect.stringMatching(/PostgreSQL \d+\S*, 4 entries/) });
    for (const { printed } of servers) expect(printed).not.toContain(password);
    expect(`${made.out}${before.out}${after.out}`).not.toContain(password);
    for (const server of servers) expect(await server.stop()).toBe(0);

    await sql(url, `INSERT INTO ${searchParams.get('schema')}.migration (version, what) VALUES (9, 'later')`);
    expect(await doctor()).toMatchObject({
      code: 1,
      out: expect.stringMatching(/BAD log database: .*schema version 9/),
    });
    expect(
      await caio(['serve', '--config', file('home/caio.yaml'), '--port', '0'], environment),
    ).toMatchObject({
      code: 4,
      err: expect.stringMatching(/schema version 9/),
    });
  }, 180_000);

  test('a lost database, a wrong password and a URL in the wrong place are said without the password', async () => {
    const url = new URL(await freshLogUrl());
    await (await openPostgres(url.href)).close();
    expect(await caio(['init', file('away'), '--postgres', 'env:LOG_URL'])).toMatchObject({ code: 0 });
    const doctor = (text: string) => caio(['doctor', '--config', file('away/caio.yaml')], { LOG_URL: text });
    url.password = 'hunter2';
    const wrong = await doctor(url.href);
    url.port = '9';
    const nobody = await doctor(url.href);
    const literal = await caio([
      'init',
      file('literal'),
      '--postgres',
      'postgres://u:hunter2@db.example/log',
    ]);
    expect([wrong.code, nobody.code, literal.code]).toEqual([1, 1, 2]);
    expect(nobody.out).toMatch(
      /BAD log database: The log in database \S+ at .*:9, schema \S+ could not be looked at: /,
    );
    expect(literal.err).toMatch(/and not the URL itself/);
    for (const { out, err } of [wrong, nobody, literal]) expect(out + err).not.toContain('hunter2');
  }, 120_000);
});
