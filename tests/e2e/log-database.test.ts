import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { chatRequest, wireContract } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { freshLogUrl, noPostgres, sql } from '../support/postgres-server.js';
import { type Served, serve } from '../support/served.js';

const decisions = 300;
const password = 'hunter2';

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
let admin = '';
let url = '';
let schema = '';
const file = (name: string): string => scratch.path(name);
const fromServer = (): readonly string[] => ['--server', server.url, '--key-file', file('home/admin.key')];
const stored = (): readonly string[] => ['--postgres', 'env:LOG_URL'];
const signed = (): readonly string[] => [...stored(), '--sign', file('home/signing.key')];
const configured = (): readonly string[] => ['--config', file('home/caio.yaml')];

const run = (args: readonly string[], at = url) => caio(args, { LOG_URL: at });
async function json(args: readonly string[], code = 0) {
  const ran = await run([...args, '--json']);
  expect(ran.code, ran.out + ran.err).toBe(code);
  return JSON.parse(ran.out);
}
async function call(path: string, body: unknown) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  await response.arrayBuffer();
}

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});
beforeAll(async () => {
  scratch = await scratchFolder();
  if (noPostgres !== undefined) return;
  url = await freshLogUrl();
  schema = new URL(url).searchParams.get('schema') as string;
  await caio(['init', file('home'), '--name', 'caio.example', '--postgres', 'env:LOG_URL']);
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  server = await serve(file('home/caio.yaml'), { LOG_URL: url });
  await call('/api/v1/services', wireContract('local', { security: { permissions: [], trust_level: 1 } }));
  for (let i = 0; i < decisions; i += 20) {
    await Promise.all(Array.from({ length: 20 }, () => call('/api/v1/route', chatRequest)));
  }
}, 120_000);
afterAll(async () => {
  await server?.kill();
  await scratch.dispose();
});

describe('a log in PostgreSQL is read beside its server', () => {
  test('and is the same from the database, from its configuration and from the server', async () => {
    // The server first: reading it leaves an access entry.
    await json(['log', 'status', ...fromServer()]);
    const [one, ...others] = await Promise.all(
      [configured(), stored(), fromServer()].map(async (from) => {
        const { place, age_seconds, ...rest } = await json(['log', 'status', ...from]);
        return rest;
      }),
    );
    expect(one).toMatchObject({ origin: 'caio.example', kinds: { decision: decisions, genesis: 1 } });
    for (const other of others) expect(other).toEqual(one);
    const entries = await Promise.all(
      [stored(), fromServer()].map((from) => json(['log', 'entry', '7', ...from])),
    );
    expect(entries[0].entry).toEqual(entries[1].entry);
  });

  test('at a head that holds, while it grows', async () => {
    const before = await run(['log', 'head', ...signed()]);
    await call('/api/v1/route', chatRequest);
    await writeFile(file('before'), before.out);
    const proof = await json(['log', 'prove', '--from', String(before.out.split('\n')[1]), ...configured()]);
    expect(proof.to).toBe(proof.from + 1);
    await json(['log', 'prove', '5', ...signed(), '--checkpoint', file('before')]);
    const unsigned = await run(['log', 'head', ...stored()]);
    expect([unsigned.code, unsigned.err]).toEqual([2, expect.stringMatching(/--sign FILE or --config/)]);
  });

  test('and exported as the tiles that the server gives', async () => {
    await json(['log', 'export', file('of-server'), ...fromServer()]);
    await json(['log', 'export', file('of-store'), ...signed()]);
    for (const path of ['tile/0/000', 'tile/entries/000']) {
      expect(await readFile(file(`of-store/${path}`))).toEqual(await readFile(file(`of-server/${path}`)));
    }
  });

  test('an audit of the database is that of the server, byte for byte', async () => {
    await json(['log', 'head', ...fromServer()]);
    await writeFile(file('checkpoint'), (await run(['log', 'head', ...fromServer()])).out);
    const audit = async (name: string, from: readonly string[]) => {
      const ran = await run([
        'audit',
        ...from,
        '--checkpoint',
        file('checkpoint'),
        '--assert',
        'true',
        '--report',
        file(name),
      ]);
      expect(ran.code, ran.out + ran.err).toBe(0);
      return readFile(file(name), 'utf8');
    };
    const ofServer = await audit('server.json', fromServer());
    expect(await audit('store.json', stored())).toBe(ofServer);
    expect(JSON.parse(ofServer)).toMatchObject({ holds: true });
    // Without a checkpoint or a key it is of what the store says, and says so.
    expect((await run(['audit', ...stored()])).out).toMatch(/the root: no signature over it was checked/);
  });
});

describe('caio log fsck of a database', () => {
  const fsck = (...args: string[]) => run(['log', 'fsck', ...args]);
  const ofConfiguration = () => configured() as string[];

  test('finds it sound beside its server', async () => {
    const ran = await fsck(...stored());
    expect([ran.code, ran.out]).toEqual([
      0,
      expect.stringMatching(/^database \S+ at .*, schema \S+ is sound \(\d+ entries, root [0-9a-f]{64}\)\n$/),
    ]);
    expect(await json(['log', 'fsck', ...configured(), '--repair'])).toMatchObject({
      database: expect.stringContaining(schema),
      repaired: 0,
      findings: [],
    });
  });

  test('finds a missing row, and repairs it', async () => {
    const [row] = await sql(
      url,
      `DELETE FROM ${schema}.index_row WHERE ctid IN (SELECT ctid FROM ${schema}.index_row WHERE folder = 'decision/' LIMIT 1) RETURNING name`,
    );
    const found = await fsck(...ofConfiguration());
    expect([found.code, found.out]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `^row_missing decision/${row?.name}: entry \\d+ makes it and it is not there\n.*NOT sound.*--repair`,
        ),
      ),
    ]);
    const repaired = await fsck(...ofConfiguration(), '--repair');
    expect([repaired.code, repaired.out]).toEqual([
      0,
      expect.stringMatching(/^1 derived .* anew\n.* is sound/),
    ]);
    expect((await fsck(...ofConfiguration())).code).toBe(0);
  });

  test('finds a flipped byte in a batch, names the entry, and repairs nothing', async () => {
    const flip = () =>
      sql(
        url,
        `UPDATE ${schema}.blob_pack SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1)
         WHERE name = 'entry/' AND first <= 100 AND first + members > 100 RETURNING first`,
      );
    const [pack] = await flip();
    const found = await fsck(...ofConfiguration(), '--repair');
    expect([found.code, found.out]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(`entry_(changed|malformed) entry ${pack?.first}: [\\s\\S]*what was recorded is damaged`),
      ),
    ]);
    expect(found.out).not.toMatch(/written anew/);
    const audit = await run(['audit', ...stored()]);
    expect([audit.code, audit.out]).toEqual([1, expect.stringMatching(/does NOT hold|✗/)]);
    await flip();
    expect((await fsck(...ofConfiguration())).code).toBe(0);
  });
});

describe('what cannot be read is said', () => {
  const changed = (change: (url: URL) => void): string => {
    const other = new URL(url);
    change(other);
    return other.href;
  };

  test.each([
    [
      'no such schema',
      (to: URL) => to.searchParams.set('schema', 'nobody'),
      /no tables of CAIO in the schema nobody/,
    ],
    [
      'no such database',
      (to: URL) => {
        to.pathname = '/nowhere';
      },
      /database "nowhere" does not exist/,
    ],
    [
      'a wrong password',
      (to: URL) => {
        to.password = password;
      },
      /password authentication failed/,
    ],
    [
      'a server that is away',
      (to: URL) => {
        to.port = '9';
      },
      /could not be read: .*ECONNREFUSED/,
    ],
  ])('%s, and no password with it', async (_, change, says) => {
    const at = changed(change);
    for (const command of [['log', 'status'], ['log', 'fsck'], ['audit']]) {
      const ran = await run([...command, ...stored()], at);
      expect([ran.code, ran.err]).toEqual([4, expect.stringMatching(says)]);
      expect(ran.out + ran.err).not.toContain(password);
      expect(ran.out + ran.err).not.toContain(new URL(url).password);
    }
  });

  test.each([
    [
      'a variable that is not set',
      ['--postgres', 'env:NOT_SET'],
      /--postgres names the environment variable NOT_SET, which is not set/,
    ],
    [
      'a URL in its place',
      ['--postgres', `postgres://u:${password}@db.example/log`],
      /and not the URL itself/,
    ],
    ['two places', ['--postgres', 'env:LOG_URL', '--log', 'data'], /Two places|Name one store/],
  ])('%s is wrong usage', async (_, args, says) => {
    for (const command of [
      ['log', 'status'],
      ['log', 'fsck'],
    ]) {
      const ran = await run([...command, ...args]);
      expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(says)]);
      expect(ran.out + ran.err).not.toContain(password);
    }
  });
});
