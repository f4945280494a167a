import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { caio, type Ran, scratchFolder } from '../support/caio-command.js';
import { type Served, serve } from '../support/served.js';

const said = 'configs/services/internal/said.yaml';
const maia = 'configs/services/internal/maia.yaml';
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let server: Served;
const file = (name: string): string => scratch.path(name);

const asAlice = () => ['--url', server.url, '--key-file', file('alice.key')];
const sign = (who: string, ...args: readonly string[]): Promise<Ran> =>
  caio(['change', 'sign', '--key', file(`${who}.sign`), ...args]);
const ofSaid = ['--kind', 'contract.put', '--file', said];
const inLog = ['--origin', 'caio.example'];

// Each command is a process of its own, and there are many.
vi.setConfig({ hookTimeout: 180_000, testTimeout: 180_000 });

beforeAll(async () => {
  scratch = await scratchFolder();
  await caio(['init', file('home'), '--name', 'caio.example']);
  const config = await readFile(file('home/caio.yaml'), 'utf8');
  // Often enough that the restart goes on from a snapshot.
  await writeFile(
    file('home/caio.yaml'),
    config.replace('  folder: data', '  folder: data\n  snapshot_entries: 3'),
  );
  server = await serve(file('home/caio.yaml'));
  for (const who of ['alice', 'bob']) {
    await caio(['key', 'generate', file(`${who}.sign`), '--name', `${who}.example`]);
    const verifierKey = (await caio(['key', 'public', file(`${who}.sign`)])).out.trim();
    const grant = ['--tenant', 'ops', '--scopes', 'admin', '--trust', '10', '--days', '30'];
    const admin = ['--url', server.url, '--key-file', file('home/admin.key'), '--verifier-key', verifierKey];
    const issued = await caio(['api-key', 'issue', ...admin, ...grant, '--out', file(`${who}.key`)]);
    expect(issued, issued.err).toMatchObject({ code: 0 });
  }
  const approval =
    'approval: {contract: author_and_approver, parameters: author_and_approver, key: author}\n';
  await writeFile(file('parameters.yaml'), approval);
  const admin = ['--url', server.url, '--key-file', file('home/admin.key')];
  expect(await caio(['parameters', 'put', file('parameters.yaml'), ...admin])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await server.kill();
  await scratch.dispose();
});

describe('caio change', () => {
  it('signs for an author and for an approver, who signs nothing but what it names', async () => {
    const note = file('said.change');
    expect(await sign('alice', ...ofSaid, ...inLog, '--out', note)).toMatchObject({ code: 0, err: '' });
    const alone = await caio(['contract', 'put', said, ...asAlice(), '--change', note]);
    expect(alone.code).toBe(3);
    expect(alone.err).toMatch(/nobody but its author signed.*\[change_not_signed\]/);
    const other = await sign('bob', '--onto', note, '--kind', 'contract.put', '--file', maia, '--out', note);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/a note of another change; it was not signed/);
    const elsewhere = await sign('bob', '--onto', note, '--origin', 'caio.other', '--out', note);
    expect(elsewhere.code).toBe(2);
    expect(await sign('bob', '--onto', note, ...ofSaid, '--out', note)).toMatchObject({ code: 0 });
    const put = await caio(['contract', 'put', said, ...asAlice(), '--change', note, '--json']);
    expect(put.err).toBe('');
    expect(JSON.parse(put.out)).toMatchObject({
      id: 'said',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('shows what a note says, and whether a key really signed it', async () => {
    const note = file('said.change');
    const keyOf = async (who: string) => (await caio(['key', 'public', file(`${who}.sign`)])).out.trim();
    await caio(['key', 'generate', file('eve.sign'), '--name', 'eve.example']);
    const both = ['--key', await keyOf('alice'), '--key', await keyOf('bob')];
    expect(await caio(['change', 'show', note, ...both])).toMatchObject({ code: 0 });
    const shown = await caio(['change', 'show', note, '--key', await keyOf('eve'), '--json']);
    expect(shown.code).toBe(1);
    expect(JSON.parse(shown.out)).toMatchObject({
      statement: { origin: 'caio.example', kind: 'contract.put', id: 'said' },
      claimed: [expect.stringMatching(/^alice/), expect.stringMatching(/^bob/)],
      checked: [{ signed: false }],
    });
  });

  it('prints the note where no file is named', async () => {
    const ran = await sign('alice', '--kind', 'contract.remove', '--id', 'said', ...inLog);
    expect(ran.out).toMatch(
      /^caio\/change\/v1\ncaio\.example\ncontract\.remove\nsaid\n-\n\d+\n\n— alice\.example /,
    );
    const json = await sign('alice', '--kind', 'key.revoke', '--id', 'k', ...inLog, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ statement: { kind: 'key.revoke', content: '-' } });
  });

  it.each([
    ['no kind', [...inLog], /--kind is missing/],
    ['a kind that is none', ['--kind', 'contract.edit', ...inLog], /kinds are contract\.put/],
    ['no origin', ofSaid, /needs --origin/],
    ['no file', ['--kind', 'policy.put', ...inLog], /needs --file/],
    ['no id', ['--kind', 'policy.remove', ...inLog], /needs --id/],
    ['no state', ['--kind', 'availability.put', '--id', 's', ...inLog], /needs --state/],
    ['an expiry that is none', [...ofSaid, ...inLog, '--expires', 'soon'], /--expires soon is not a time/],
    ['another document', ['--kind', 'policy.put', '--file', said, ...inLog], /said\.yaml has .*problem/],
    ['a note that is none', ['--onto', said], /is no signed change/],
  ])('%s is exit code 2 with a sentence', async (_, args, message) => {
    const ran = await sign('alice', ...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  it('refuses a signing key that others may read', async () => {
    await writeFile(file('open.sign'), await readFile(file('alice.sign')), { mode: 0o644 });
    const ran = await caio(['change', 'sign', '--key', file('open.sign'), ...ofSaid, ...inLog]);
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(/chmod 600/);
  });
});

describe('caio api-key', () => {
  it('draws a key without a server; its record is signed, put, and the key can be used', async () => {
    const made = [file('ward.key'), file('ward.json')] as const;
    const grant = ['--tenant', 'hospital', '--permissions', 'inference', '--scopes', 'register'];
    const issue = ['api-key', 'issue', '--offline', ...grant, '--out', made[0], '--record', made[1]];
    expect(await caio(issue)).toMatchObject({ code: 0, err: '' });
    expect((await stat(made[0])).mode & 0o777).toBe(0o600);
    const secret = (await readFile(made[0], 'utf8')).trim().slice(-43);
    expect(await readFile(made[1], 'utf8')).not.toContain(secret);
    const bare = await caio(['api-key', 'put', made[1], ...asAlice()]);
    expect([bare.code, bare.err]).toEqual([3, expect.stringMatching(/caio change sign[\s\S]*key\.put/)]);
    const note = file('ward.change');
    await sign('alice', '--kind', 'key.put', '--file', made[1], ...inLog, '--out', note);
    const put = await caio(['api-key', 'put', made[1], ...asAlice(), '--change', note]);
    expect(put, put.err).toMatchObject({ code: 0 });
    const asWard = { headers: { authorization: `Bearer ${(await readFile(made[0], 'utf8')).trim()}` } };
    expect((await fetch(`${server.url}/api/v1/services`, asWard)).status).toBe(200);
  });

  it('says what to do where the server cannot draw one', async () => {
    const ran = await caio(['api-key', 'issue', ...asAlice(), '--tenant', 't', '--out', file('no.key')]);
    expect(ran.code).toBe(3);
    expect(ran.err).toMatch(/api-key issue --offline/);
  });
});

describe('after kill -9 and a start', () => {
  it('approval is asked for as before, and notes stand with what they changed', async () => {
    await server.kill();
    server = await serve(file('home/caio.yaml'));
    const refused = await caio(['contract', 'remove', 'said', ...asAlice()]);
    expect(refused.code).toBe(3);
    const shown = await caio(['parameters', 'show', ...asAlice(), '--json']);
    expect(JSON.parse(shown.out).parameters.approval).toEqual({
      contract: 'author_and_approver',
      parameters: 'author_and_approver',
      key: 'author',
    });
    // The same once more is no change: nothing has to be signed for it.
    expect(await caio(['contract', 'put', said, ...asAlice()])).toMatchObject({ code: 0 });
    expect(await server.stop()).toBe(0);
    server = await serve(file('home/caio.yaml'));
    expect(server.printed).not.toMatch(/warning/);
    const note = file('gone.change');
    await sign('alice', '--kind', 'contract.remove', '--id', 'said', ...inLog, '--out', note);
    await sign('bob', '--onto', note, '--kind', 'contract.remove', '--id', 'said', '--out', note);
    expect(await caio(['contract', 'remove', 'said', ...asAlice(), '--change', note])).toMatchObject({
      code: 0,
    });
  });
});
