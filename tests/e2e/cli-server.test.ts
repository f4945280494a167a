import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caio, projectFolder, scratchFolder } from '../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: ChildProcess;
let url = '';
let verifierKey = '';
let printed = '';
let logged = '';
const file = (name: string): string => scratch.path(name);
const asAdmin = (): readonly string[] => ['--url', url, '--key-file', file('home/admin.key')];

/** Waits until the text that `read` gives has matched; the data events of the process drive it, no clock does. */
async function untilPrinted(pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(printed);
    if (match !== null) return match;
    await once(server.stdout as NodeJS.ReadableStream, 'data');
  }
}

beforeAll(async () => {
  scratch = await scratchFolder();
  await caio(['init', file('home'), '--name', 'caio.example']);
  for (const kind of ['services/internal', 'policies']) {
    for (const name of await readdir(join(projectFolder, 'configs', kind))) {
      await copyFile(join(projectFolder, 'configs', kind, name), file(`home/${kind.split('/')[0]}/${name}`));
    }
  }
  const main = join(projectFolder, 'dist/cli/main.js');
  server = spawn(process.execPath, [main, 'serve', '--config', file('home/caio.yaml'), '--port', '0'], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server.stdout?.on('data', (chunk) => {
    printed += chunk;
  });
  server.stderr?.on('data', (chunk) => {
    logged += chunk;
  });
  url = (await untilPrinted(/CAIO is at (\S+)/))[1] ?? '';
  verifierKey = (await untilPrinted(/verifier key (\S+)/))[1] ?? '';
});

afterAll(async () => {
  if (server.exitCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  await scratch.dispose();
});

describe('a server that caio init and caio serve made', () => {
  test('is healthy and ready for a key, and only healthy for nobody', async () => {
    expect(await caio(['doctor', ...asAdmin()])).toMatchObject({ code: 0 });
    const stranger = await caio(['doctor', '--url', url], { CAIO_API_KEY: 'not-a-key' });
    expect(stranger.code).toBe(1);
    expect(stranger.out).toMatch(/does not accept the key; caio api-key issue makes another/);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    for (const path of [
      '/ready',
      '/metrics',
      '/api/v1/services',
      '/api/v1/traces',
      '/api/v1/keys',
      '/v1/models',
    ]) {
      expect((await fetch(url + path)).status, path).toBe(401);
    }
  });

  test('issues a key that routes, and the decision verifies offline from its bundle', async () => {
    const issue = ['--tenant', 'hospital', '--permissions', 'inference', '--out', file('ward.key')];
    expect(await caio(['api-key', 'issue', ...asAdmin(), ...issue])).toMatchObject({ code: 0, err: '' });
    expect((await stat(file('ward.key'))).mode & 0o777).toBe(0o600);
    const asWard = ['--url', url, '--key-file', file('ward.key')];
    const request = ['--request', 'examples/decide/request.json', '--out', file('bundle.json')];
    const routed = await caio(['route', ...asWard, ...request]);
    expect(routed).toMatchObject({ code: 0, err: '' });
    expect(routed.out).toMatch(/routed to said/);
    const verified = await caio(['verify', file('bundle.json'), '--key', verifierKey, '--level', '3']);
    expect(verified.out).toMatch(/level 3 optimal: holds/);
    expect(verified.code).toBe(0);
  });

  test('refuses with the reason, service by service, and exits with 3', async () => {
    const refused = await caio(['route', ...asAdmin(), '--request', 'examples/decide/request.json']);
    expect(refused.code).toBe(3);
    expect(refused.out).toMatch(/the caller lacks inference \(said\)/);
  });

  test('a revoked key is refused from then on', async () => {
    const issued = await caio([
      'api-key',
      'issue',
      ...asAdmin(),
      '--tenant',
      'trial',
      '--out',
      file('trial.key'),
    ]);
    const id = /key ([0-9a-f]{16})/.exec(issued.out)?.[1] ?? '';
    expect(await caio(['api-key', 'revoke', id, ...asAdmin()])).toMatchObject({ code: 0 });
    const asTrial = ['--url', url, '--key-file', file('trial.key')];
    const refused = await caio(['route', ...asTrial, '--request', 'examples/decide/request.json']);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/unauthenticated/);
  });

  test('a server that is not there is exit code 4 with what to do', async () => {
    const ran = await caio([
      'route',
      '--url',
      'http://127.0.0.1:9',
      '--request',
      'examples/decide/request.json',
    ]);
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(/caio serve/);
  });

  test('logs no secret, and ends in order at SIGTERM', async () => {
    const admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');
    expect(code).toBe(0);
    expect(printed).toMatch(/stopping/);
    const lines = logged.trim().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(logged + printed).not.toContain(admin.slice(-43));
    expect(logged).not.toMatch(/discharge letter/);
  });

  test('nothing starts that nobody could use', async () => {
    await caio(['init', file('other')]);
    const serve = ['serve', '--config', file('other/caio.yaml'), '--port', '0'];
    const ran = await caio(serve, { CAIO_API_KEYS: file('none.json') });
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(/none\.json/);
  });
});
