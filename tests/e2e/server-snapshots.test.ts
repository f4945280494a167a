import { afterEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import type { StoragePort } from '../../src/log/port.js';
import { writeSnapshot } from '../../src/log/write-snapshot.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';
import { personOf } from '../support/sign-change.js';

const signingKey = personOf('caio.test', 11);
const signer = {
  name: signingKey.name,
  hash: signingKey.hash,
  sign: (text: string) => signingKey.sign(Buffer.from(text)),
};
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const started: Running[] = [];
let warnings: string[] = [];
afterEach(async () => {
  for (const running of started.splice(0)) await running.close();
  warnings = [];
});

async function start(storage: StoragePort): Promise<Running> {
  const warn = (message: string) => void warnings.push(message);
  const running = await startServer({ storage, signingKey, snapshots: { every: 10, warn } });
  started.push(running);
  return running;
}

/** A store that outlives the logs in it. */
const lasting = (): StoragePort => ({ ...memoryStorage(), close: async () => {} });

describe('a server that goes on from a state snapshot', () => {
  it('answers as the one before it did', async () => {
    const storage = lasting();
    const before = await start(storage);
    for (const id of ['a', 'b', 'c']) {
      const put = await before.call('POST', '/api/v1/services', { key: 'register', body: wireContract(id) });
      expect(put.status).toBe(201);
    }
    await before.log.close();
    expect(await storage.scanIndex({ folder: 'snapshot/', limit: 9 })).not.toEqual([]);
    const after = await start(storage);
    const asked = { key: before.keys.admin };
    for (const path of ['services', 'policies', 'parameters', 'keys']) {
      const [one, other] = await Promise.all([
        before.call('GET', `/api/v1/${path}`, asked),
        after.call('GET', `/api/v1/${path}`, asked),
      ]);
      expect([path, other.text]).toEqual([path, one.text]);
    }
    const decided = await after.call('POST', '/api/v1/route', { key: before.keys.decide, body: chatRequest });
    expect(decided.status, decided.text).toBe(200);
    expect(warnings).toEqual([]);
  });

  it('stops deciding and says so when the snapshot is not what the log says', async () => {
    const storage = lasting();
    const before = await start(storage);
    await before.call('POST', '/api/v1/services', { key: 'register', body: wireContract('honest') });
    await before.log.close();
    const { folded } = before.log.view;
    // A lie that is signed, as only somebody with the key of the log can tell it: every key is fully trusted.
    let { keys } = folded;
    for (const [id, { record }] of folded.keys)
      keys = keys.with(id, { record: { ...record, trust_level: 10 } });
    const root = before.log.published.root;
    await writeSnapshot(
      storage,
      { folded: { ...folded, keys }, attempts: new Map(), latestDecision: -1, root },
      signer,
      nextTurn,
    );
    const after = await start(storage);
    const asked = { key: before.keys.decide };
    let ready = 200;
    for (let turn = 0; turn < 1000 && ready !== 503; turn += 1) {
      ready = (await after.call('GET', '/ready', asked)).status;
    }
    expect(ready).toBe(503);
    const refused = await after.call('POST', '/api/v1/route', { ...asked, body: chatRequest });
    expect([refused.status, refused.body.code]).toEqual([503, 'storage_failed']);
    const put = await after.call('POST', '/api/v1/services', {
      key: before.keys.register,
      body: wireContract('x'),
    });
    expect(put.status).toBe(503);
    expect(after.log.size).toBe(before.log.size);
  });
});
