import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caio, projectFolder, scratchFolder } from '../support/caio-command.js';

const state = ['--services', 'configs/services', '--policies', 'configs/policies'];
const decision = [
  'decide',
  ...['--request', 'examples/decide/request.json', '--caller', 'examples/decide/caller.json'],
  ...['--salts', 'examples/decide/salts.json', '--now', '2026-03-01T12:00:00Z', ...state],
];

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let verifierKey = '';
const file = (name: string): string => scratch.path(name);

beforeAll(async () => {
  scratch = await scratchFolder();
  const generated = await caio(['key', 'generate', file('signing.key'), '--name', 'caio.example']);
  verifierKey = generated.out.trim();
  await caio([...decision, '--out', file('decision.json')]);
  await caio([
    'bundle',
    file('decision.json'),
    ...state,
    '--sign',
    file('signing.key'),
    '--out',
    file('bundle.json'),
  ]);
});

afterAll(() => scratch.dispose());

describe('caio decide', () => {
  test('gives the same bytes in any time zone and locale', async () => {
    const first = await caio(decision, { TZ: 'UTC', LANG: 'C' });
    const second = await caio(decision, {
      TZ: 'Pacific/Chatham',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
    });
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(second.out).toBe(first.out);
    expect(`${await readFile(file('decision.json'), 'utf8')}`).toBe(first.out);
  });

  test('ends quietly, with its own exit code, when its reader has gone', async () => {
    const shell = `node dist/cli/main.js ${decision.join(' ')} | head -c 1; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', shell], { cwd: projectFolder, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{ 0\n', stderr: '' });
  });

  test('keeps health data local, commits to what is sealed and shows none of it', async () => {
    const certificate = JSON.parse(await readFile(file('decision.json'), 'utf8'));
    expect(certificate.outcome).toMatchObject({ decision: 'routed', selected: { service: 'said' } });
    expect(certificate.outcome.promise.locality).toBe('local');
    expect(Object.keys(certificate.inputs.commitments)).toEqual(['caller.subject', 'payload']);
    expect(JSON.stringify(certificate)).not.toMatch(/discharge|nurse-17/);
  });

  test('writes the certificate of a refusal and exits with 3', async () => {
    const caller = JSON.parse(await readFile('examples/decide/caller.json', 'utf8'));
    await writeFile(file('stranger.json'), JSON.stringify({ ...caller, permissions: [] }));
    const ran = await caio([...decision, '--caller', file('stranger.json')]);
    expect(ran.code).toBe(3);
    const { outcome } = JSON.parse(ran.out);
    expect(outcome).toMatchObject({ decision: 'refused', step: 'security' });
    expect(outcome.nearest[0].lacked).toContainEqual({ code: 'permission_missing', ref: 'inference' });
  });

  test.each([
    ['a missing request', ['--request', 'no-such-file.json'], /Request no-such-file\.json does not exist/],
    ['a time that is none', ['--now', 'yesterday'], /--now yesterday is not a time/],
    ['a seed that is none', ['--seed', '-1'], /--seed -1 is not an integer/],
    ['a folder without contracts', ['--services', 'docs/math'], /holds no \.yaml/],
    [
      'a contract in the place of a request',
      ['--request', 'configs/services/internal/said.yaml'],
      /said\.yaml:\d+:\d+/,
    ],
    ['a salt that is missing', ['--salts', 'examples/decide/caller.json'], /caller\.json/],
  ])('%s is exit code 2 with a sentence', async (_, extra, message) => {
    const ran = await caio([...decision, ...extra]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toMatch(/\bat .*\.js:\d+/);
  });

  test('errors are one JSON object with --json', async () => {
    const ran = await caio([...decision, '--json', '--now', 'yesterday']);
    expect(JSON.parse(ran.out)).toMatchObject({ error: { code: 'usage' } });
  });
});

describe('caio bundle and verify', () => {
  test('a fresh bundle holds at level 3 and lists what is attested', async () => {
    const ran = await caio(['verify', file('bundle.json'), '--key', verifierKey]);
    expect(ran.out).toMatch(
      /level 1 authentic: holds[\s\S]*level 2 correct: holds[\s\S]*level 3 optimal: holds/,
    );
    expect(ran.out).toMatch(/attested by the operator, not checked here: .*time/);
    expect(ran.code).toBe(0);
  });

  test.each([1, 2])('a bundle of level %i holds at its level and not above', async (level) => {
    const packed = file(`bundle-${level}.json`);
    const made = await caio([
      'bundle',
      file('decision.json'),
      ...state,
      '--sign',
      file('signing.key'),
      '--level',
      `${level}`,
      '--out',
      packed,
    ]);
    expect(made.code).toBe(0);
    expect((await caio(['verify', packed, '--key', verifierKey])).code).toBe(0);
    expect((await caio(['verify', packed, '--key', verifierKey, '--level', '3'])).code).toBe(1);
  });

  test('another key, also of the same name, does not verify', async () => {
    const other = (await caio(['key', 'generate', file('other.key'), '--name', 'caio.example'])).out.trim();
    const ran = await caio(['verify', file('bundle.json'), '--key', other, '--json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out)).toMatchObject({ holds: false, levels: [{ level: 1, holds: false }] });
  });

  test('what is no verifier key is wrong usage, not a false certificate', async () => {
    const ran = await caio(['verify', file('bundle.json'), '--key', `${verifierKey.slice(0, -8)}AAAAAAA=`]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/invalid_key/);
  });

  test('a state that is not the one of the certificate is refused when packing', async () => {
    const ran = await caio([
      'bundle',
      file('decision.json'),
      '--services',
      'configs/services',
      '--sign',
      file('signing.key'),
      '--out',
      file('wrong.json'),
    ]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/The state is not the one of the certificate/);
  });
});

describe('caio explain', () => {
  test.each(['decision.json', 'bundle.json'])('tells the funnel of %s', async (name) => {
    const ran = await caio(['explain', file(name), '--policies', 'configs/policies']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/said/);
    expect(ran.out).toMatch(/registered/);
  });

  test('what is no certificate is exit code 2', async () => {
    expect(await caio(['explain', 'package.json'])).toMatchObject({ code: 2 });
    expect(await caio(['explain', 'README.md'])).toMatchObject({ code: 2 });
  });
});

describe('caio key, contract, policy, init and doctor', () => {
  test('a signing key is for its owner only and is never overwritten', async () => {
    expect((await stat(file('signing.key'))).mode & 0o777).toBe(0o600);
    const again = await caio(['key', 'generate', file('signing.key'), '--name', 'caio.example']);
    expect(again).toMatchObject({ code: 2 });
    expect((await caio(['key', 'public', file('signing.key')])).out.trim()).toBe(verifierKey);
  });

  test('the library of contracts and the starter policies are valid', async () => {
    const contracts = JSON.parse((await caio(['contract', 'check', 'configs/services', '--json'])).out);
    expect(contracts.length).toBeGreaterThanOrEqual(5);
    expect((await caio(['policy', 'check', 'configs/policies'])).out).toMatch(
      /4 policies, \d+ rules are valid together/,
    );
  });

  test('every problem of every file is told with file, line and column', async () => {
    await writeFile(file('bad-contract.yaml'), 'id: UPPER\nversion: 1.0.0\ncost: {unit: eur}\n');
    const ran = await caio(['contract', 'check', file('bad-contract.yaml')]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/bad-contract\.yaml:1:5 \/id/);
    expect(ran.err.split('\n').length).toBeGreaterThan(4);
  });

  test('a fresh installation is healthy, its secrets are for its owner only, and nothing secret is printed', async () => {
    const made = await caio(['init', file('home'), '--name', 'caio.example']);
    expect(made.code).toBe(0);
    const admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
    expect(made.out).not.toContain(admin);
    expect(await readFile(file('home/api-keys.json'), 'utf8')).not.toContain(admin.slice(-43));
    for (const name of ['admin.key', 'signing.key', 'api-keys.json']) {
      expect((await stat(file(`home/${name}`))).mode & 0o777).toBe(0o600);
    }
    // The folder may be part of a checkout.
    expect(await readFile(file('home/.gitignore'), 'utf8')).toBe('*.key\napi-keys.json\nopenings/\n');
    const doctor = await caio(['doctor', '--config', file('home/caio.yaml')]);
    expect(doctor).toMatchObject({ code: 0, err: '' });
    expect(await caio(['init', file('home')])).toMatchObject({ code: 2 });
  });

  test('doctor says what is wrong with a configuration', async () => {
    await writeFile(file('bad.yaml'), 'signing_key: nowhere.key\nlisten: {port: 99999}\n');
    const ran = await caio(['doctor', '--config', file('bad.yaml')]);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/BAD configuration: [\s\S]*port/);
  });

  test.each([['frobnicate'], ['decide', '--no-such-option'], ['verify']])(
    'wrong usage (%s) is exit code 2',
    async (...args) => {
      const ran = await caio(args);
      expect(ran.code).toBe(2);
      expect(ran.err).toMatch(/error:/);
    },
  );

  test.each([[['--help']], [['help', 'decide']], [['verify', '--help']], [['--version']]])(
    '%j teaches and exits with 0',
    async (args) => {
      const ran = await caio(args);
      expect(ran.code).toBe(0);
      expect(ran.out.length).toBeGreaterThan(4);
    },
  );
});
