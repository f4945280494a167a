import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/contracts/certificate.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import { isStateEntry } from '../../src/log/entry.js';
import { type Folded, fold } from '../../src/log/fold.js';
import type { StoragePort } from '../../src/log/port.js';
import { packBundle } from '../../src/proofs/bundle.js';
import { signCertificate } from '../../src/proofs/envelope.js';
import { signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { verify } from '../../src/verifier/index.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const decisions = 500;
let caio: Running;
beforeAll(async () => {
  caio = await startServer({ storage: slowStorage() });
  for (const id of ['alpha', 'beta', 'gamma']) {
    await caio.call('POST', '/api/v1/services', { key: 'register', body: wireContract(id) });
  }
});
afterAll(() => caio.close());

/** A store whose commits take a turn of the event loop, as those of a real one do, so that others come in between. */
function slowStorage(): StoragePort {
  const storage = memoryStorage();
  return {
    ...storage,
    commit: async (expected, batch) => {
      await new Promise((resolve) => setImmediate(resolve));
      return storage.commit(expected, batch);
    },
  };
}

/** Changes services, policies and keys until told to stop; gives how many changes there were. */
async function change(until: () => boolean, worker: number): Promise<number> {
  const id = `swapped-${worker}`;
  const put = (more: object) =>
    caio.call('POST', '/api/v1/services', { key: 'register', body: wireContract(id, { ...more }) });
  let changes = 0;
  for (let round = 0; !until(); round += 1) {
    const answers = [
      await put({ alignment: { risk: (round % 10) / 10 } }),
      await put({ alignment: { risk: 0.01 }, description: `round ${round}` }),
      await caio.call('POST', `/api/v1/services/${id}/disable`, { key: 'register' }),
      await caio.call('POST', `/api/v1/services/${id}/enable`, { key: 'register' }),
      await caio.call('DELETE', `/api/v1/services/${id}`, { key: 'register' }),
    ];
    for (const { status, text } of answers) expect([200, 201], text).toContain(status);
    changes += answers.length;
  }
  return changes;
}

describe(`${decisions} decisions while services are registered, replaced, disabled and removed`, () => {
  it('loses none, and makes none on a state that was not whole and current', {
    timeout: 120_000,
  }, async () => {
    let finished = false;
    const changing = [0, 1, 2].map((worker) => change(() => finished, worker));
    const ids: string[] = [];
    const deciding = Array.from({ length: 10 }, async () => {
      for (let i = 0; i < decisions / 10; i += 1) {
        const { status, body, text } = await caio.call('POST', '/api/v1/route', {
          key: 'decide',
          body: chatRequest,
        });
        expect(status, text).toBe(200);
        expect(body.outcome).toBe('routed');
        ids.push(body.decision_id);
      }
    });
    await Promise.all(deciding);
    finished = true;
    const changes = (await Promise.all(changing)).reduce((sum, count) => sum + count, 0);
    expect(new Set(ids).size).toBe(decisions);

    const seen = await readLog(ids);
    console.log(`${decisions} decisions among ${changes} changes, on ${seen.states.size} states`);
    expect(changes).toBeGreaterThan(20);
    expect(seen.states.size).toBeGreaterThan(10);
    expect(seen.decided).toEqual(new Set(ids));
    await verifySome(seen.certificates, 25);
  });
});

interface Seen {
  readonly decided: ReadonlySet<string>;
  readonly states: ReadonlySet<number>;
  readonly certificates: readonly { readonly certificate: Certificate; readonly folded: Folded }[];
}

/** Folds the log from its first entry and holds every decision against the state at its index. */
async function readLog(ids: readonly string[]): Promise<Seen> {
  const decided = new Set<string>();
  const states = new Set<number>();
  const certificates: { readonly certificate: Certificate; readonly folded: Folded }[] = [];
  let folded: Folded | undefined;
  let lastChange = 0;
  for (let index = 0; index < caio.log.size; index += 1) {
    const entry = await caio.log.read(index);
    if (entry === undefined) throw new Error(`entry ${index} is missing`);
    if (entry.kind === 'decision' && ids.includes(entry.certificate.id)) {
      const asOf = entry.certificate.inputs.state.as_of;
      // INV-CAIO-LOG-0002: no state entry lies in [as_of, index).
      expect(asOf, `decision at ${index}`).toBe(lastChange + 1);
      decided.add(entry.certificate.id);
      states.add(asOf);
      if (folded !== undefined) certificates.push({ certificate: entry.certificate, folded });
    }
    if (isStateEntry(entry)) lastChange = index;
    folded = fold(folded, entry);
  }
  return { decided, states, certificates };
}

/** A decision on a half-updated state would not be derivable from the whole one. */
async function verifySome(all: Seen['certificates'], count: number): Promise<void> {
  const key = signingKeyOf('reader.test', new Uint8Array(32).fill(7));
  if (!key.ok) throw new Error(key.error.message);
  for (let i = 0; i < count; i += 1) {
    const item = all[Math.floor((i * all.length) / count)];
    if (item === undefined) throw new Error('there are too few decisions');
    const { certificate, folded } = item;
    const bundle = packBundle(signCertificate(certificate, key.value), certificate, folded.state, 3);
    expect(bundle.ok, JSON.stringify(bundle)).toBe(true);
    const report = await verify(JSON.stringify(bundle.ok ? bundle.value : {}), {
      key: verifierKeyOf(key.value),
    });
    expect(report.level, JSON.stringify(report.levels)).toBe(3);
  }
}
