import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/verifier/log-checkpoint.js';
import {
  bundlesOf,
  entriesOfBundle,
  entryHashesOf,
  tilePath,
  tilesOf,
} from '../../src/verifier/log-tiles.js';
import {
  auditPath,
  consistencyPath,
  entryHash,
  isConsistent,
  isIncluded,
  treeHash,
} from '../../src/verifier/log-tree.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

let caio: Running;
let key: string;
beforeAll(async () => {
  caio = await startServer();
  const grant = { tenant: 'audit', scopes: ['log'], expires: '2199-01-01T00:00:00Z' };
  key = (await caio.call('POST', '/api/v1/keys', { key: 'admin', body: grant })).body.key;
});
afterAll(() => caio.close());

/** What a client sees that knows nothing but the address, a credential and the verifier key. */
async function get(path: string, credential: string | undefined = key): Promise<Response> {
  return fetch(`${caio.url}/log/${path}`, {
    headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
  });
}
async function read(path: string): Promise<Uint8Array | undefined> {
  const response = await get(path);
  if (response.status === 404) return undefined;
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  return new Uint8Array(await response.arrayBuffer());
}
async function checkpoint() {
  const response = await get('checkpoint');
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  return openCheckpoint(await response.text(), caio.verifierKey);
}
async function entriesOf(size: number): Promise<Uint8Array[]> {
  const bundles = bundlesOf(size).map(async (name) => entriesOfBundle(name, await read(tilePath(name))));
  return (await Promise.all(bundles)).flat();
}

describe('the log over HTTP', () => {
  it('gives a client all that it needs to find a decision in it and to see that it only grows', async () => {
    const before = await checkpoint();
    const first = await entryHashesOf(before.size, read);
    expect(Buffer.from(treeHash(first))).toEqual(Buffer.from(before.root));

    await caio.call('POST', '/api/v1/services', { key: 'admin', body: wireContract('svc') });
    const decided = await caio.call('POST', '/api/v1/route', { key: 'decide', body: chatRequest });
    expect(decided.status).toBe(200);
    const id = decided.body.certificate.id as string;

    const after = await checkpoint();
    expect(after.size).toBeGreaterThan(before.size + 1);
    const hashes = await entryHashesOf(after.size, read);
    expect(Buffer.from(treeHash(hashes))).toEqual(Buffer.from(after.root));
    expect(
      isConsistent(before.size, after.size, before.root, after.root, consistencyPath(before.size, hashes)),
    ).toBe(true);

    const entries = await entriesOf(after.size);
    expect(entries.map((entry) => Buffer.from(entryHash(entry)))).toEqual(
      hashes.map((hash) => Buffer.from(hash)),
    );
    const index = entries.findIndex(
      (entry) => JSON.parse(Buffer.from(entry).toString()).certificate?.id === id,
    );
    expect(index).toBe(decided.body.log_index ?? index);
    expect(index).toBeGreaterThan(0);
    const path = auditPath(index, hashes);
    expect(isIncluded(index, after.size, entryHash(entries[index] as Uint8Array), path, after.root)).toBe(
      true,
    );
    expect(isIncluded(index, after.size, entryHash(Buffer.from('another')), path, after.root)).toBe(false);
  });

  it('has full tiles, and partial ones of every width, once it is long enough', async () => {
    for (let i = 0; i < 300; i += 1) {
      await caio.log.appendState(() => ({ ok: true, value: [putKeyAgain(i)] }));
    }
    const { size, root } = await checkpoint();
    expect(size).toBeGreaterThan(300);
    const hashes = await entryHashesOf(size, read);
    expect(Buffer.from(treeHash(hashes))).toEqual(Buffer.from(root));
    expect(tilesOf(size).map(tilePath)).toEqual([
      'tile/0/000',
      `tile/0/001.p/${size - 256}`,
      'tile/1/000.p/1',
    ]);
    const full = (await read('tile/0/000')) as Uint8Array;
    expect(full.length).toBe(8192);
    for (const width of [1, 17, 255]) {
      expect(Buffer.from((await read(`tile/0/000.p/${width}`)) as Uint8Array)).toEqual(
        Buffer.from(full.subarray(0, 32 * width)),
      );
    }
    expect(
      entriesOfBundle({ level: 'entries', index: 0, width: 256 }, await read('tile/entries/000')),
    ).toHaveLength(256);
    for (const beyond of [
      'tile/0/001',
      `tile/0/001.p/${size - 255}`,
      'tile/0/002.p/1',
      'tile/1/000',
      'tile/1/000.p/2',
      'tile/2/000.p/1',
      'tile/entries/001',
      `tile/entries/001.p/${size - 255}`,
      'tile/entries/002.p/1',
      'tile/8/0/000',
      'tile/0/0',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/',
      'tile/..%2fcheckpoint',
    ]) {
      const response = await get(beyond);
      expect([beyond, response.status, response.headers.get('cache-control')]).toEqual([
        beyond,
        404,
        'no-store',
      ]);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    }
  });

  it('is for scope log and for admin, for no tenant, and for nobody without a credential', async () => {
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000']) {
      const statuses: { [name: string]: number } = { log: (await get(path)).status };
      for (const [name, each] of Object.entries(caio.keys)) statuses[name] = (await get(path, each)).status;
      statuses.nobody = (await fetch(`${caio.url}/log/${path}`)).status;
      const admitted = Object.entries(statuses).filter(([, status]) => status === 200);
      expect(admitted.map(([name]) => name).sort()).toEqual(['admin', 'log']);
      expect(statuses.traces).toBe(403);
      expect(statuses.nobody).toBe(401);
    }
    for (const path of ['/api/v1/traces', '/api/v1/services', '/metrics']) {
      expect((await caio.call('GET', path, { key })).status).toBe(403);
    }
  });
});

/** A state entry that changes nothing that matters here. */
function putKeyAgain(i: number) {
  const [state] = caio.log.view.folded.keys.values();
  if (state === undefined) throw new Error('no keys');
  return {
    type: 'caio/entry/v1',
    kind: 'key.put',
    time: i,
    author: { method: 'local', key_id: 'test' },
    key: { ...state.record, id: `again-${i}` },
  } as const;
}
