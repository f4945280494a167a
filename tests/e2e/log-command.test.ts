import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/verifier/log-checkpoint.js';
import { bundlesOf, entriesOfBundle, entryHashesOf, tilePath } from '../../src/verifier/log-tiles.js';
import { entryHash, isConsistent, isIncluded, treeHash } from '../../src/verifier/log-tree.js';
import { chatRequest, wireContract } from '../fixtures/server/running-server.js';
import { caio, type Ran, scratchFolder } from '../support/caio-command.js';
import { type Served, serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
let admin = '';
let verifierKey = '';
const file = (name: string): string => scratch.path(name);
const fromServer = (): readonly string[] => ['--server', server.url, '--key-file', file('home/admin.key')];
const beside = (): readonly string[] => ['--log', file('home/data'), '--sign', file('home/signing.key')];
const configured = (): readonly string[] => ['--config', file('home/caio.yaml')];

async function call(method: string, path: string, body: unknown, key = admin) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return response.json() as Promise<{ readonly key: string }>;
}

async function json(args: readonly string[], code = 0) {
  const ran = await caio([...args, '--json']);
  expect(ran.code, ran.out + ran.err).toBe(code);
  return JSON.parse(ran.out);
}

beforeAll(async () => {
  scratch = await scratchFolder();
  await caio(['init', file('home'), '--name', 'caio.example']);
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  server = await serve(file('home/caio.yaml'));
  verifierKey = /verifier key (\S+)/.exec(server.printed)?.[1] ?? '';
  await call(
    'POST',
    '/api/v1/services',
    wireContract('local', { security: { permissions: [], trust_level: 1 } }),
  );
  const cheap = {
    unit: 'usd',
    per_request_usd: 0,
    per_million_input_tokens_usd: 0,
    per_million_output_tokens_usd: 0,
  };
  const more = {
    cost: cheap,
    security: { permissions: [], trust_level: 1 },
    guarantees: { latency_p95_ms: { max: 900 }, accuracy: { min: 0.9 } },
  };
  await call('POST', '/api/v1/services', wireContract('remote', { ...more, alignment: { risk: 0 } }));
  for (let i = 0; i < 300; i += 20) {
    await Promise.all(Array.from({ length: 20 }, () => call('POST', '/api/v1/route', chatRequest)));
  }
}, 60_000);

afterAll(async () => {
  await server.kill();
  await scratch.dispose();
});

describe('caio log', () => {
  test('says one thing of the log from a server, from the folder beside it and from its configuration', async () => {
    // The server first: reading it leaves an access entry.
    await json(['log', 'status', ...fromServer()]);
    const views = await Promise.all(
      [configured(), beside(), fromServer()].map((from) => json(['log', 'status', ...from])),
    );
    const [one, ...others] = views.map(({ place, age_seconds, ...rest }) => rest);
    expect(one).toMatchObject({
      origin: 'caio.example',
      verifier_key: verifierKey,
      services: 2,
      kinds: { decision: 300, genesis: 1 },
    });
    for (const other of others) expect(other).toEqual(one);
    const text = await caio(['log', 'status', ...configured()]);
    expect(text.out).toMatch(/^origin +caio\.example\n[\s\S]*entries by kind\n[\s\S]* decision +300\n/m);
  });

  test('reads beside a server that goes on, and takes no claim from it', async () => {
    const before = (await json(['log', 'head', ...beside()])).size;
    await call('POST', '/api/v1/route', chatRequest);
    expect((await json(['log', 'head', ...beside()])).size).toBe(before + 1);
    const health = await fetch(`${server.url}/ready`, { headers: { authorization: `Bearer ${admin}` } });
    expect(health.status).toBe(200);
  });

  test('head is the signed checkpoint, for the key it is of and no other', async () => {
    const ran = await caio(['log', 'head', ...fromServer(), '--key', verifierKey]);
    expect(ran.err).toMatch(/verified with the key given/);
    expect(await openCheckpoint(ran.out, verifierKey)).toMatchObject({ size: expect.any(Number) });
    const other = (await caio(['key', 'generate', file('other.key'), '--name', 'caio.example'])).out.trim();
    const wrong = await caio(['log', 'head', ...fromServer(), '--key', other]);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/none of the keys signed/)]);
    const unsigned = await caio(['log', 'head', '--log', file('home/data')]);
    expect([unsigned.code, unsigned.err]).toEqual([2, expect.stringMatching(/--sign FILE or --config/)]);
  });

  test('an entry is shown with a proof that another program checks', async () => {
    const shown = await json(['log', 'entry', '7', '--proof', ...configured(), '--key', verifierKey]);
    expect(shown.entry.kind).toBe('decision');
    const [, ...lines] = shown.proof.split('\n\n')[0].split('\n');
    expect(lines.shift()).toBe('index 7');
    const { root, size } = await openCheckpoint(
      shown.proof.slice(shown.proof.indexOf('\n\n') + 2),
      verifierKey,
    );
    const path = lines.map((line: string) => new Uint8Array(Buffer.from(line, 'base64')));
    expect(isIncluded(7, size, Buffer.from(shown.leaf, 'hex'), path, root)).toBe(true);
    expect(isIncluded(8, size, Buffer.from(shown.leaf, 'hex'), path, root)).toBe(false);
    const pretty = await caio(['log', 'entry', '0', ...fromServer()]);
    expect(JSON.parse(pretty.out)).toMatchObject({ kind: 'genesis', origin: 'caio.example' });
  });

  test('proves growth, and an entry under a checkpoint that somebody kept', async () => {
    const grown = await json(['log', 'prove', '--from', '100', '--to', '200', ...fromServer()]);
    const hashes = grown.proof.map((line: string) => new Uint8Array(Buffer.from(line, 'base64')));
    const [before, after] = [grown.root_from, grown.root_to].map((root) => Buffer.from(root, 'hex'));
    expect(isConsistent(100, 200, before as Buffer, after as Buffer, hashes)).toBe(true);
    const old = await caio(['log', 'prove', '3', '--size', '150', ...configured()]);
    await writeFile(file('kept'), old.out.slice(old.out.indexOf('\n\n') + 2));
    const proof = await caio([
      'log',
      'prove',
      '3',
      '--checkpoint',
      file('kept'),
      ...fromServer(),
      '--out',
      file('p'),
    ]);
    expect([proof.code, await readFile(file('p'), 'utf8')]).toEqual([0, old.out]);
    const witnessed = await caio([
      'log',
      'prove',
      '--from',
      '10',
      '--to',
      '150',
      '--checkpoint',
      file('kept'),
      ...fromServer(),
    ]);
    expect(witnessed.out).toMatch(/^old 10\n[A-Za-z0-9+/=\n]+\n\ncaio\.example\n150\n/);
    const changed = (await readFile(file('kept'), 'utf8')).replace('\n150\n', '\n151\n');
    await writeFile(file('forged'), changed);
    const forged = await caio(['log', 'prove', '3', '--checkpoint', file('forged'), ...fromServer()]);
    expect([forged.code, forged.err]).toEqual([
      1,
      expect.stringMatching(/signature of caio\.example is wrong/),
    ]);
  });

  test.each([
    ['no source', ['log', 'status'], /No log is named/],
    ['two sources', ['log', 'status', '--log', 'a', '--tiles', 'b'], /Two places/],
    ['no such folder', ['log', 'status', '--log', 'no-such-folder'], /holds no log/],
    ['no such tiles', ['log', 'status', '--tiles', 'no-such-folder'], /does not exist/],
    ['an index beyond', ['log', 'entry', '99999'], /no leaf 99999/],
    ['an index that is none', ['log', 'entry', '-1'], /unknown option|not a whole number/],
    ['an index that is a word', ['log', 'entry', 'x'], /not a whole number/],
    ['a size beyond', ['log', 'prove', '1', '--size', '99999'], /--size 99999 is not a whole number up to/],
    ['neither entry nor growth', ['log', 'prove'], /Give either the index/],
    [
      'a checkpoint of a size that a server has not',
      ['log', 'prove', '1', '--size', '5', 'SERVER'],
      /none of size 5/,
    ],
    ['from behind to', ['log', 'prove', '--from', '9', '--to', '5'], /does not grow/],
  ])('%s is an error that says what to do', async (_, args, says) => {
    const named = args.some((arg) => ['--log', '--tiles'].includes(arg)) || args[1] === 'status';
    const from = named ? [] : args.includes('SERVER') ? fromServer() : configured();
    const ran = await caio([...args.filter((arg) => arg !== 'SERVER'), ...from]);
    expect(ran.err).toMatch(says);
    expect([2, 4]).toContain(ran.code);
  });

  test('a credential without scope log is refused with what is missing', async () => {
    const { key } = await call('POST', '/api/v1/keys', {
      tenant: 'x',
      scopes: ['decide'],
      expires: '2199-01-01T00:00:00Z',
    });
    await writeFile(file('weak.key'), key);
    const ran = await caio(['log', 'status', '--server', server.url, '--key-file', file('weak.key')]);
    expect([ran.code, ran.err]).toEqual([3, expect.stringMatching(/lacks the scope log/)]);
  });
});

describe('caio log export', () => {
  const copied = (name: string) => async (path: string) =>
    new Uint8Array(await readFile(file(`${name}/${path}`)));

  test('writes tiles from which another program has the whole log, and goes on where it ended', async () => {
    const first: Ran = await caio(['log', 'export', file('copy'), ...fromServer(), '--key', verifierKey]);
    expect(first.out).toMatch(/ 0 were there\n$/);
    const read = async (path: string) => copied('copy')(path).catch(() => undefined);
    const { size, root } = await openCheckpoint(await readFile(file('copy/checkpoint'), 'utf8'), verifierKey);
    const hashes = await entryHashesOf(size, read);
    expect(Buffer.from(treeHash(hashes))).toEqual(Buffer.from(root));
    const bundles = await Promise.all(
      bundlesOf(size).map(async (name) => entriesOfBundle(name, await read(tilePath(name)))),
    );
    expect(bundles.flat().map((entry) => Buffer.from(entryHash(entry)))).toEqual(
      hashes.map((hash) => Buffer.from(hash)),
    );

    await call('POST', '/api/v1/route', chatRequest);
    const again = await json(['log', 'export', file('copy'), ...fromServer(), '--key', verifierKey]);
    expect(again).toMatchObject({ kept: 3, size: expect.any(Number) });
    expect(again.size).toBeGreaterThan(size);
    const status = await json(['log', 'status', '--tiles', file('copy')]);
    expect(status).toMatchObject({ size: again.size, root: again.root });
    // A partial bundle that is asked for narrower than it is there.
    expect((await json(['log', 'entry', '258', '--tiles', file('copy')])).entry.kind).toBe('decision');
  });

  test('leaves out bundles outside of --from and --to, never tiles', async () => {
    await json(['log', 'export', file('part'), ...configured(), '--from', '256']);
    expect(await readdir(file('part/tile/entries'))).toEqual(['001.p']);
    expect(await readdir(file('part/tile/0'))).toContain('000');
    expect(
      (await json(['log', 'prove', '260', '--tiles', file('part'), '--key', verifierKey])).proof,
    ).toMatch(/^c2sp/);
    const gone = await caio(['log', 'entry', '5', '--tiles', file('part')]);
    expect([gone.code, gone.err]).toEqual([
      4,
      expect.stringMatching(/tile\/entries\/000\.p\/6 .*is not there/),
    ]);
  });

  test.each(['tile/0/000', 'tile/entries/000'])(
    'never writes over %s; a changed byte in it is named',
    async (path) => {
      await json(['log', 'export', file('flip'), ...configured()]);
      const bytes = await copied('flip')(path);
      bytes[40] = (bytes[40] as number) ^ 1;
      await writeFile(file(`flip/${path}`), bytes);
      const ran = await caio(['log', 'export', file('flip'), ...configured()]);
      expect(ran.code).toBe(1);
      expect(ran.err).toMatch(/is not the one that was hashed|do not hash to the root/);
      expect(await copied('flip')(path)).toEqual(bytes);
      expect((await caio(['log', 'status', '--tiles', file('flip')])).code).toBe(
        1 + Number(path === 'tile/0/000') * -1,
      );
      await rm(file('flip'), { recursive: true });
    },
  );

  test('refuses a folder whose checkpoint is of another history', async () => {
    await json(['log', 'export', file('fork'), ...configured()]);
    await mkdir(file('empty'));
    await copyFile(file('fork/checkpoint'), file('empty/checkpoint'));
    await caio(['init', file('second'), '--name', 'caio.example']);
    await copyFile(file('home/signing.key'), file('second/signing.key'));
    const second = await serve(file('second/caio.yaml'));
    const key = (await readFile(file('second/admin.key'), 'utf8')).trim();
    await writeFile(file('second.key'), key);
    const ran = await caio([
      'log',
      'export',
      file('empty'),
      '--server',
      second.url,
      '--key-file',
      file('second.key'),
    ]);
    await second.kill();
    expect([ran.code, ran.err]).toEqual([1, expect.stringMatching(/is not the beginning of this log/)]);
    expect(await readFile(file('empty/checkpoint'), 'utf8')).toBe(
      await readFile(file('fork/checkpoint'), 'utf8'),
    );
  });
});

describe('caio log fsck', () => {
  test('finds a sound log sound, beside its server; repairs nothing there', async () => {
    const ran = await caio(['log', 'fsck', '--log', file('home/data')]);
    expect([ran.code, ran.out]).toEqual([
      0,
      expect.stringMatching(/is sound \(\d+ entries, root [0-9a-f]{64}\)\n$/),
    ]);
    expect(await json(['log', 'fsck', ...configured(), '--repair'])).toMatchObject({
      repaired: 0,
      findings: [],
    });
  });
});

describe('caio traces', () => {
  test('lists decisions by what is asked for, page by page', async () => {
    const asAdmin = ['--url', server.url, '--key-file', file('home/admin.key')];
    const first = await json(['traces', ...asAdmin, '--limit', '2', '--outcome', 'routed']);
    expect(first.traces).toHaveLength(2);
    const text = await caio(['traces', ...asAdmin, '--limit', '1', '--cursor', first.next_cursor]);
    expect(text.out).toMatch(
      /^2\S+Z +\d+ +[0-9a-f]{16}… +admin +chat: routed to \S+ 1\.0\.0\S*\nmore: --cursor \S+\n$/,
    );
    expect(await json(['traces', ...asAdmin, '--service', 'nobody'])).toEqual({ traces: [] });
    const wrong = await caio(['traces', ...asAdmin, '--from', 'yesterday']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/--from yesterday is not a time/)]);
  });
});

describe('caio replay', () => {
  const policy = (id: string, require: string): string =>
    JSON.stringify({
      id,
      version: '1',
      rules: [{ id: 'r', type: 'compliance', when: 'true', require, reason: 'what if' }],
    });
  const policies = async (name: string, texts: { readonly [file: string]: string }): Promise<string> => {
    await mkdir(file(name), { recursive: true });
    for (const [at, text] of Object.entries(texts)) await writeFile(join(file(name), `${at}.json`), text);
    return file(name);
  };

  test('with the policies that were, nothing changes', async () => {
    const folder = await policies('none', {});
    const report = await json(['replay', '--policies', folder, ...configured()]);
    expect(report).toMatchObject({ type: 'caio/what-if/v1', faithful: true, changed: {}, changes: [] });
    expect(report.decisions).toBe(report.unchanged);
    expect(report.decisions).toBeGreaterThanOrEqual(300);
    expect(report.total.cost_delta_micro_usd).toBe(0);
  });

  test('from a server, a folder and tiles it is one report: every decision that changes, why, and what it costs', async () => {
    const folder = await policies('not-chosen', {});
    const before = await json(['replay', '--policies', folder, ...configured()]);
    const [chosen] = Object.keys(before.services);
    await policies('not-chosen', { p: policy('ban', `service.id != "${chosen}"`) });
    await json(['log', 'export', file('whole'), ...configured()]);
    const [one, ...others] = await Promise.all(
      [configured(), fromServer(), ['--tiles', file('whole')]].map(async (from) => {
        const report = await json(['replay', '--policies', folder, '--to', '200', ...from]);
        const { log, ...rest } = report;
        return rest;
      }),
    );
    for (const other of others) expect(other).toEqual(one);
    const threaded = ['replay', '--policies', folder, '--to', '200', '--jobs', '2', ...configured()];
    expect(await json(threaded)).toMatchObject(one);
    expect(one).toMatchObject({ unchanged: 0, changed: { service: one.decisions } });
    expect(one.changes[0]).toMatchObject({
      change: 'service',
      before: { decision: 'routed', service: chosen },
      after: { decision: 'routed' },
      why: { kind: 'excluded', service: chosen, step: 'rules', code: 'rule_violated', ref: 'ban/r' },
    });
    const { total, services } = one;
    const [cost, after] = total.cost_micro_usd;
    expect(total.cost_delta_micro_usd).toBe(after - cost);
    expect(services[chosen as string].decisions).toEqual([one.decisions, 0]);
    expect(total.mean_latency_delta_micros).not.toBe(0);
  });

  test('a refusal, a period by time and index, a contract in the place of one, the report in a file', async () => {
    const folder = await policies('all-out', { p: policy('none', 'false') });
    const text = await caio([
      'replay',
      '--policies',
      folder,
      ...configured(),
      '--show',
      '1',
      '--report',
      file('what-if.json'),
    ]);
    expect(text.out).toMatch(/0 come out the same, \d+ change: \d+ routed to refused\n/);
    expect(text.out).toMatch(/… and \d+ more: .*what-if\.json\n/);
    const report = JSON.parse(await readFile(file('what-if.json'), 'utf8'));
    expect(report.changes).toHaveLength(report.decisions);
    // Decisions that are made at once need not stand in the order of their times.
    const made: { readonly time: number; readonly log_index: number }[] = report.changes;
    const [fifth] = report.changes.slice(5);
    const time = new Date(fifth.time / 1000)
      .toISOString()
      .replace(/Z$/, `${String(fifth.time % 1000).padStart(3, '0')}Z`);
    const early = await json(['replay', '--policies', folder, ...configured(), '--to', time]);
    expect(early.decisions).toBe(made.filter((each) => each.time < fifth.time).length);
    expect(
      (
        await json([
          'replay',
          '--policies',
          folder,
          ...configured(),
          '--from',
          time,
          '--to',
          String(fifth.log_index + 3),
        ])
      ).decisions,
    ).toBe(made.filter((each) => each.time >= fifth.time && each.log_index < fifth.log_index + 3).length);
    const services = await policies('next-services', {});
    await writeFile(
      join(services, 'new.json'),
      JSON.stringify(wireContract('new', { security: { permissions: [], trust_level: 1 } })),
    );
    const replaced = await json(['replay', '--services', services, ...configured(), '--to', '20']);
    expect(replaced.changes[0]).toMatchObject({
      change: 'service',
      after: { service: 'new' },
      why: { kind: 'not_registered' },
    });
    const added = await json(['replay', '--services', services, '--on-top', ...configured(), '--to', '20']);
    for (const { why } of added.changes) expect(why.kind).toBe('outranked');
  });

  test.each([
    ['nothing to replace', [], /Give --policies, --services or --parameters/],
    ['a folder that is not there', ['--policies', 'no-such-folder'], /no-such-folder does not exist/],
    [
      'a period that is none',
      ['--policies', 'configs/policies', '--from', 'soon'],
      /--from soon is not a time/,
    ],
  ])('%s is wrong usage', async (_, args, says) => {
    const ran = await caio(['replay', ...args, ...configured()]);
    expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(says)]);
  });
});
