import { chmod, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/cli/configuration.js';
import { signingKeyOf, verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { scratchFolder } from '../../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
  await writeFile(scratch.path('caio.yaml'), 'signing_key: signing.key\n');
});
afterAll(() => scratch.dispose());

describe('where a server listens', () => {
  it.each([
    [{}, '127.0.0.1', 8080],
    [{ CAIO_HOST: '', CAIO_PORT: '' }, '127.0.0.1', 8080],
    [{ CAIO_HOST: '0.0.0.0', CAIO_PORT: '0' }, '0.0.0.0', 0],
  ])('with the environment %j is %s:%i', async (environment, host, port) => {
    expect(await readConfiguration(scratch.path('caio.yaml'), environment)).toMatchObject({ host, port });
  });

  it.each(['65536', '-1', '80a', '0x50'])('is no port %j', async (CAIO_PORT) => {
    await expect(readConfiguration(scratch.path('caio.yaml'), { CAIO_PORT })).rejects.toThrow(
      /is not a port/,
    );
  });
});

describe('the bounds of group commit', () => {
  const read = async (storage: string) => {
    await writeFile(scratch.path('bounds.yaml'), `signing_key: signing.key\nstorage: ${storage}\n`);
    return (await readConfiguration(scratch.path('bounds.yaml'), {})).commits;
  };

  it('are those of the file, or the defaults of the log', async () => {
    expect(await read('{ driver: lmdb }')).toEqual({});
    expect(await read('{ driver: lmdb, batch_entries: 64, waiting_appends: 9, gather_ms: 2 }')).toEqual({
      batchEntries: 64,
      waitingAppends: 9,
      gatherMillis: 2,
    });
  });

  it.each(['batch_entries: 0', 'waiting_appends: 0', 'gather_ms: 1001', 'batch_entries: 1.5'])(
    'are refused as %s',
    async (bound) => {
      await expect(read(`{ driver: lmdb, ${bound} }`)).rejects.toThrow(/problem/);
    },
  );
});

describe('witnesses', () => {
  const key = (name: string, byte: number, algorithm: 1 | 4 = 4) => {
    const made = signingKeyOf(name, new Uint8Array(32).fill(byte), algorithm);
    if (!made.ok) throw new Error(made.error.message);
    return verifierKeyOf(made.value);
  };
  const read = async (...lines: readonly string[]) => {
    const text = ['signing_key: signing.key', 'storage: { driver: lmdb }', ...lines].join('\n');
    await writeFile(scratch.path('witnessed.yaml'), text);
    return readConfiguration(scratch.path('witnessed.yaml'), {});
  };
  const witness = (name: string, byte: number) => `  - { url: "http://${name}", key: "${key(name, byte)}" }`;

  it('are all needed unless a quorum says otherwise', async () => {
    const two = ['witnesses:', witness('a.example', 1), witness('b.example', 2)];
    expect(await read(...two)).toMatchObject({ quorum: 2, witnesses: [{ url: 'http://a.example' }, {}] });
    expect((await read(...two, 'quorum: 1')).quorum).toBe(1);
    await expect(read(...two, 'quorum: 3')).rejects.toThrow(/quorum of 3 cannot be reached by 2/);
    expect(await read()).toMatchObject({ quorum: 0, witnesses: [] });
  });

  it('stand there once each, with keys of witnesses', async () => {
    await expect(read('witnesses:', witness('a.example', 1), witness('b.example', 1))).rejects.toThrow(
      /twice/,
    );
    const log = `  - { url: "http://x", key: "${key('log.example', 1, 1)}" }`;
    await expect(read('witnesses:', log)).rejects.toThrow(/is not the key of a witness/);
    await expect(read('witnesses: []')).rejects.toThrow(/problem/);
  });

  it('come with a checkpoint beside the folder of the log, or where the file says', async () => {
    expect((await read()).checkpoint).toBe(scratch.path('data.checkpoint'));
    expect((await read('checkpoint: other/place')).checkpoint).toBe(scratch.path('other/place'));
  });
});

describe('a log in a database', () => {
  const url = 'postgres://caio:hunter2@db.example/log';
  const read = async (storage: string, environment: Record<string, string> = {}) => {
    await writeFile(scratch.path('log.yaml'), `signing_key: signing.key\nstorage: ${storage}\n`);
    return (await readConfiguration(scratch.path('log.yaml'), environment)).storage;
  };
  const place = { driver: 'postgres', address: { host: 'db.example', database: 'log', password: 'hunter2' } };

  it('is where the environment or a file of mode 0600 says', async () => {
    expect(await read('{driver: postgres, url: "env:DB"}', { DB: url })).toMatchObject(place);
    await writeFile(scratch.path('url'), `${url}\n`, { mode: 0o600 });
    expect(await read('{driver: postgres, url: "file:url"}')).toMatchObject(place);
    await chmod(scratch.path('url'), 0o644);
    await expect(read('{driver: postgres, url: "file:url"}')).rejects.toThrow(
      /may be read or written by others/,
    );
  });

  it.each([
    '{driver: postgres}',
    '{driver: lmdb}',
    '{driver: memory}',
    '{driver: postgres, url: "env:NONE"}',
  ])('is where CAIO_DATABASE_URL says, whatever the file says: %s', async (storage) => {
    expect(await read(storage, { CAIO_DATABASE_URL: url })).toMatchObject(place);
  });

  it.each([
    ['{driver: postgres}', {}, /needs storage\.url/],
    ['{driver: postgres, url: "env:DB"}', {}, /environment variable DB, which is not set/],
    ['{driver: postgres, url: "env:DB"}', { DB: `${url}?x=1` }, /variable DB does not hold the URL/],
    ['{driver: postgres, url: "file:nowhere"}', {}, /nowhere: does not exist/],
    ['{driver: lmdb, url: "env:DB"}', { DB: url }, /goes with the driver postgres/],
    ['{driver: postgres, url: "env:DB", folder: data}', { DB: url }, /the log is in one place/],
    ['{driver: postgres, url: "env:DB"}', { DB: url, CAIO_DATA: 'data' }, /the log is in one place/],
    [`{driver: postgres, url: "${url}"}`, {}, /has a problem/],
  ])('is refused as %s with %j, and the password is not shown', async (storage, environment, message) => {
    const failure = (await read(storage, environment as Record<string, string>).catch(
      (cause: unknown) => cause,
    )) as { readonly message: string; readonly problems?: unknown };
    expect(failure).toBeInstanceOf(Error);
    expect(failure.message).toMatch(message);
    expect(`${failure.message}${JSON.stringify(failure.problems)}`).not.toContain('hunter2');
  });
});

describe('the vault', () => {
  const dayMicros = 86_400 * 1e6;
  const write = async (openings: object) => {
    await writeFile(scratch.path('vault.json'), JSON.stringify({ signing_key: 'signing.key', openings }));
    return readConfiguration(scratch.path('vault.json'), { CAIO_OPENINGS: '' });
  };

  it('is in memory unless it is named', async () => {
    expect(await readConfiguration(scratch.path('caio.yaml'), {})).not.toHaveProperty('openings');
  });

  it('is beside the configuration, its key in a file or the environment, its terms in microseconds', async () => {
    const keep = { public: '30d', internal: '2w', restricted: '6y' };
    expect((await write({ key: 'vault.key', keep })).openings).toEqual({
      place: { kind: 'folder', folder: scratch.path('openings') },
      key: scratch.path('vault.key'),
      keep: { public: 30 * dayMicros, internal: 14 * dayMicros, restricted: 6 * 365 * dayMicros },
      payloads: false,
    });
    const named = await write({ key: 'env:VAULT_KEY', folder: 'elsewhere', payloads: true });
    expect(named.openings).toEqual({
      place: { kind: 'folder', folder: scratch.path('elsewhere') },
      key: 'env:VAULT_KEY',
      keep: {},
      payloads: true,
    });
  });

  it('is in the database of the log, unless a folder is named', async () => {
    const placed = async (openings: object, environment = {}) => {
      const storage = { driver: 'postgres', url: 'env:LOG_URL' };
      const text = JSON.stringify({ signing_key: 'signing.key', storage, openings });
      await writeFile(scratch.path('vault.json'), text);
      const all = { LOG_URL: 'postgres://caio@localhost/log', ...environment };
      return (await readConfiguration(scratch.path('vault.json'), all)).openings?.place;
    };
    expect(await placed({ key: 'vault.key' })).toMatchObject({
      kind: 'database',
      address: { database: 'log' },
    });
    const folder = { kind: 'folder', folder: scratch.path('elsewhere') };
    expect(await placed({ key: 'vault.key', folder: 'elsewhere' })).toEqual(folder);
    expect(await placed({ key: 'vault.key' }, { CAIO_OPENINGS: scratch.path('elsewhere') })).toEqual(folder);
  });

  it.each(['0d', '30', '1h', '-1d', '1.5y', '100000d'])('keeps nothing for %j', async (term) => {
    await expect(write({ key: 'vault.key', keep: { internal: term } })).rejects.toThrow(/has a problem/);
  });

  it('has no terms for a class that there is not', async () => {
    await expect(write({ key: 'vault.key', keep: { secret: '1d' } })).rejects.toThrow(/problem/);
  });
});
