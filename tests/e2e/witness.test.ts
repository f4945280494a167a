import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaioClient } from '../../src/sdk/client.js';
import { openCheckpoint } from '../../src/verifier/log-checkpoint.js';
import { chatRequest, wireContract } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { type Served, serve, serveWitness } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
const witnesses: { served: Served; readonly key: string; readonly folder: string }[] = [];
let server: Served;
let admin = '';
let vkey = '';
const file = (name: string): string => scratch.path(name);

const get = (path: string) => fetch(server.url + path, { headers: { authorization: `Bearer ${admin}` } });
const client = () => new CaioClient({ url: server.url, key: admin });
const decide = async () => (await client().route(chatRequest as never)).decision_id;

/** Asks again until the condition holds: witnesses answer in their own time. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come`);
}
const witnessedBundle = (id: string) =>
  until('the bundle of level 5', () =>
    client()
      .bundle(id, 5)
      .catch((error: { readonly code?: string }) => {
        expect(error.code).toBe('unavailable');
        return undefined;
      }),
  );

async function makeWitness(name: string) {
  const folder = file(name);
  const made = await caio(['witness', 'init', folder, '--name', `${name}.example`, '--log', vkey, '--json']);
  expect(made.code).toBe(0);
  const { verifier_key: key, configuration } = JSON.parse(made.out);
  return { served: await serveWitness(configuration), key: key as string, folder };
}

beforeAll(async () => {
  scratch = await scratchFolder();
  const made = await caio(['init', file('home'), '--name', 'caio.example', '--json']);
  vkey = JSON.parse(made.out).verifier_key;
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  for (const name of ['one', 'two']) witnesses.push(await makeWitness(name));
  const listed = witnesses.map(({ served, key }) => `  - url: ${served.url}\n    key: ${key}\n`);
  const text = await readFile(file('home/caio.yaml'), 'utf8');
  await writeFile(file('home/caio.yaml'), `${text}witnesses:\n${listed.join('')}`);
  server = await serve(file('home/caio.yaml'));
  await client().register(wireContract('svc') as never);
}, 60_000);

afterAll(async () => {
  await server?.kill();
  for (const { served } of witnesses) await served.kill();
  await scratch?.dispose();
});

describe('a log with two witnesses', () => {
  test('gives level 5 bundles that verify with both keys, and not when a third is demanded', async () => {
    const id = await decide();
    await writeFile(file('five.json'), await witnessedBundle(id));
    const keys = witnesses.map(({ key }) => key);
    const verified = await caio(['verify', file('five.json'), '--key', vkey, '--witness', ...keys]);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.out).toMatch(/level 4 recorded: holds[\s\S]*level 5 witnessed: holds/);
    expect(verified.out).toMatch(/one\.example has seen this checkpoint[\s\S]*two\.example has seen/);

    const third = await caio([
      'witness',
      'init',
      file('three'),
      '--name',
      'three.example',
      '--log',
      vkey,
      '--json',
    ]);
    const more = [...keys, JSON.parse(third.out).verifier_key];
    const refused = await caio(['verify', file('five.json'), '--key', vkey, '--witness', ...more]);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/level 4 recorded: holds[\s\S]*too_few_witnesses at \/record\/proof: 2 of 3/);
    const two = await caio([
      'verify',
      file('five.json'),
      '--key',
      vkey,
      '--witness',
      ...more,
      '--quorum',
      '2',
    ]);
    expect(two.code).toBe(0);
    const alone = await caio(['verify', file('five.json'), '--key', vkey]);
    expect(alone).toMatchObject({ code: 0, out: expect.stringMatching(/everybody is shown this log/) });
  });

  test('serves the newest checkpoint that both have cosigned, and beside it the newest of all', async () => {
    const id = await decide();
    const { index } = await client()
      .receipt(id, { key: vkey })
      .then(async () => (await client().trace(id)).log_index)
      .then((found) => ({ index: found }));
    const cosigned = await until('a cosigned checkpoint', async () => {
      const note = await (await get('/log/checkpoint')).text();
      const opened = await openCheckpoint(
        note,
        vkey,
        witnesses.map(({ key }) => key),
        2,
      );
      return opened.size > index ? opened : undefined;
    });
    expect(cosigned.witnesses.map(({ name }) => name).sort()).toEqual(['one.example', 'two.example']);
    const newest = await openCheckpoint(await (await get('/log/checkpoint/newest')).text(), vkey);
    expect(newest.size).toBeGreaterThanOrEqual(cosigned.size);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/^caio_witness_size\{witness="one\.example"\} \d+$/m);
    expect(metrics).toMatch(
      /^caio_witness_submissions_total\{witness="two\.example",result="cosigned"\} \d+$/m,
    );
    expect(metrics).toMatch(/^caio_witnessed_size [1-9]\d*$/m);
  });

  test('goes on deciding while a witness is away, and has its cosignatures when it is back', async () => {
    const [one] = witnesses as [(typeof witnesses)[number]];
    const port = new URL(one.served.url).port;
    await one.served.kill();
    const id = await decide();
    expect((await client().bundle(id, 4)).length).toBeGreaterThan(100);
    await expect(client().bundle(id, 5)).rejects.toMatchObject({ code: 'unavailable' });
    one.served = await serveWitness(`${one.folder}/witness.yaml`, port);
    await witnessedBundle(id);
  });
});

describe('a witness over HTTP', () => {
  const post = (path: string, body: string, method = 'POST') => {
    const [one] = witnesses as [(typeof witnesses)[number]];
    return fetch(`${one.served.url}${path}`, { method, ...(method === 'POST' ? { body } : {}) });
  };

  test('remembers over kill -9 what it cosigned, and refuses to begin again', async () => {
    const [one] = witnesses as [(typeof witnesses)[number]];
    const port = new URL(one.served.url).port;
    await witnessedBundle(await decide());
    await one.served.kill();
    one.served = await serveWitness(`${one.folder}/witness.yaml`, port);
    const checkpoint = await (await get('/log/checkpoint')).text();
    const size = Number(checkpoint.split('\n')[1]);
    const answer = await post('/add-checkpoint', `old 0\n\n${checkpoint}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([409, 'text/x.tlog.size']);
    expect(Number(await answer.text())).toBeGreaterThanOrEqual(size);
  });

  test('takes a bounded body, by POST, in one place', async () => {
    expect((await post('/add-checkpoint', 'x'.repeat(65 * 1024))).status).toBe(413);
    expect((await post('/add-checkpoint', 'x')).status).toBe(400);
    expect((await post('/add-checkpoint', '', 'GET')).status).toBe(405);
    expect((await post('/', 'x')).status).toBe(404);
  });

  test('has its folder to itself', async () => {
    const [one] = witnesses as [(typeof witnesses)[number]];
    await expect(serveWitness(`${one.folder}/witness.yaml`)).rejects.toThrow(/is open in process \d+/);
  });
});

describe('a start is refused', () => {
  test('when the folder of the log was rolled back, by the checkpoint beside it and by the witnesses', async () => {
    await server.stop();
    await cp(file('home/data'), file('old'), { recursive: true });
    server = await serve(file('home/caio.yaml'));
    await witnessedBundle(await decide());
    await server.stop();
    await cp(file('home/data'), file('good'), { recursive: true });
    await rm(file('home/data'), { recursive: true });
    await cp(file('old'), file('home/data'), { recursive: true });

    await expect(serve(file('home/caio.yaml'))).rejects.toThrow(
      /The log has \d+ entries, but \d+ were published \(.*data\.checkpoint\): it was rolled back[\s\S]*log_discontinued[\s\S]*Put back the newest copy/,
    );
    await cp(file('home/data.checkpoint'), file('kept.checkpoint'));
    await rm(file('home/data.checkpoint'));
    await expect(serve(file('home/caio.yaml'))).rejects.toThrow(
      /but witness (one|two)\.example has cosigned \d+ entries of it: it was rolled back/,
    );
  });

  test('when something else was appended to an old copy of it', async () => {
    const text = await readFile(file('home/caio.yaml'), 'utf8');
    await writeFile(file('home/alone.yaml'), text.replace(/^witnesses:[\s\S]*/m, ''));
    server = await serve(file('home/alone.yaml'));
    for (let i = 0; i < 4; i += 1) await decide();
    await server.stop();
    // The witnesses were not asked meanwhile. Their word, then that of the checkpoint:
    await expect(serve(file('home/caio.yaml'))).rejects.toThrow(
      /The first \d+ entries of the log are not those that witness (one|two)\.example has cosigned: it was changed/,
    );
    await cp(file('kept.checkpoint'), file('home/data.checkpoint'));
    await expect(serve(file('home/alone.yaml'))).rejects.toThrow(
      /The first \d+ entries of the log are not those that were published .*: it was changed/,
    );
  });

  test('and not when the newest copy is put back, or no witness can be reached', async () => {
    await rm(file('home/data'), { recursive: true });
    await cp(file('good'), file('home/data'), { recursive: true });
    for (const { served } of witnesses) await served.kill();
    server = await serve(file('home/caio.yaml'));
    expect(server.printed).toMatch(/not asked before the start, .*witness one\.example cannot be reached/);
    expect((await client().bundle(await decide(), 4)).length).toBeGreaterThan(100);
  });
});
