import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../../../src/log/drivers/memory.js';
import { masterKeyOf } from '../../../../src/server/openings/master-key.js';
import { postgresVault } from '../../../../src/server/openings/postgres-vault.js';
import { rotateVaultKey } from '../../../../src/server/openings/rotation.js';
import type { VaultRow, VaultStore } from '../../../../src/server/openings/vault-port.js';
import {
  clerk,
  erasureEntries,
  type Kept,
  keptOpenings,
  newKept,
  type OpenedVault,
  type OpenOptions,
  openKept,
  patient,
} from '../../../fixtures/server/opened-vault.js';
import { faultyVault } from '../../../support/faulty-vault.js';
import { addressOf, freshLogUrl, noPostgres } from '../../../support/postgres-server.js';

const hour = 3600 * 1e6;

describe('a vault in PostgreSQL that two processes have open', () => {
  let url: string;
  let kept: Kept;
  let stores: VaultStore[];
  beforeEach(async ({ skip }) => {
    if (noPostgres !== undefined) skip(noPostgres);
    url = await freshLogUrl();
    stores = [];
    kept = newKept({ storage: memoryStorage(), store: await opened() });
    await openKept(kept);
  });
  afterEach(async () => {
    for (const store of stores ?? []) await store.close();
  });
  const opened = async (): Promise<VaultStore> => {
    const store = await postgresVault(addressOf(url), { allowVolatile: true });
    stores.push(store);
    return store;
  };
  const instance = async (options: OpenOptions = {}, store?: VaultStore): Promise<OpenedVault> =>
    openKept({ ...kept, store: store ?? (await opened()) }, options);
  const left = async ({ vault }: OpenedVault, decision: string) =>
    (await vault.openings.find(decision, 'a key')).left;

  test('begun by many at once has one root key', async () => {
    url = await freshLogUrl();
    const all = await Promise.all(Array.from({ length: 4 }, () => instance()));
    for (const [i, { vault }] of all.entries()) await vault.openings.put(keptOpenings(`d${i}`));
    for (const each of all) {
      for (let i = 0; i < all.length; i += 1) expect(await left(each, `d${i}`)).toHaveLength(2);
    }
  });

  test('what one keeps the other gives back, and what one erases is gone for both', async () => {
    const [one, other] = [await instance(), await instance()];
    await one.vault.openings.put(keptOpenings('d1'));
    await other.vault.openings.put(keptOpenings('d2'));
    expect((await other.vault.openings.find('d1', 'a key')).own).toEqual(keptOpenings('d1').openings);
    expect(await one.vault.erasures.erase(patient)).toMatchObject({ value: { openings: 2 } });
    for (const each of [one, other]) {
      for (const decision of ['d1', 'd2']) expect(await left(each, decision)).toEqual(['caller.subject']);
    }
    expect(await stores[0]?.scanKeys({ prefix: '', limit: 9 })).toHaveLength(2);
  });

  test('a key that one has in its memory and the other destroyed seals nothing any more', async () => {
    const [one, other] = [await instance(), await instance()];
    await one.vault.openings.put(keptOpenings('d1'));
    await other.vault.erasures.erase(patient);
    await one.vault.openings.put(keptOpenings('d2'));
    // Under a key that is in the store: otherwise the other one could not open it.
    expect(await left(other, 'd2')).toEqual(['caller.subject', 'request.subject']);
    expect(await other.vault.erasures.erase(patient)).toMatchObject({ value: { openings: 1 } });
    expect(await left(one, 'd2')).toEqual(['caller.subject']);
  });

  test('the subject of an API key is known to both, and erased for both, also in a decision under way', async () => {
    const [one, other] = [await instance(), await instance()];
    const salt = '00'.repeat(32);
    await one.vault.openings.putSubject('k1', { tenant: 'acme', subject: 'clerk-3', salt });
    await other.vault.openings.readSubject('k1');
    expect(other.vault.openings.subjectOf('k1')).toBe('clerk-3');
    await one.vault.erasures.erase(clerk);
    await other.vault.openings.put(keptOpenings('d1', { callerKey: 'k1' }));
    expect(await left(other, 'd1')).toEqual(['request.subject']);
    for (const { vault } of [one, other]) {
      await vault.openings.readSubject('k1');
      expect(vault.openings.subjectOf('k1')).toBeUndefined();
    }
  });

  test('a hold that one records binds the other', async () => {
    const [one, other] = [await instance(), await instance()];
    await other.vault.openings.put(keptOpenings('d1'));
    await one.vault.erasures.hold(patient);
    expect(await other.vault.erasures.erase(patient)).toEqual({ ok: false, error: 'held' });
    await other.vault.erasures.release(patient);
    expect(await one.vault.erasures.erase(patient)).toMatchObject({ ok: true, value: { openings: 1 } });
    expect((await erasureEntries(one.log)).map(({ action }) => action)).toEqual(['hold', 'release', 'erase']);
  });

  test('an erasure cut short anywhere lets nothing be kept, and is carried on once by whoever sweeps', async () => {
    let cuts = 0;
    for (let at = 0; ; at += 1) {
      const store = faultyVault(await opened());
      const [one, other] = [await instance({}, store), await instance()];
      await one.vault.openings.put(keptOpenings(`d${at}`));
      const calls = store.calls.length;
      store.plant(at, at % 2 === 0 ? 'did persist' : 'did not persist');
      const cut = await one.vault.erasures.erase(patient).then(
        () => false,
        () => true,
      );
      if (!cut) {
        expect(store.thrown()).toBe(0);
        expect(store.calls.length - calls).toBe(at);
        break;
      }
      cuts += 1;
      const before = (await erasureEntries(other.log)).length;
      const pending = await store.scan({ prefix: 'i/', limit: 9 });
      if (pending.length > 0) {
        await other.vault.openings.put(keptOpenings(`late${at}`));
        expect(await left(other, `late${at}`)).not.toContain('request.subject');
      }
      await Promise.all([one.vault.sweep(), other.vault.sweep()]);
      await other.vault.erasures.erase(patient);
      expect(await left(one, `d${at}`)).toEqual(['caller.subject']);
      await other.log.refresh();
      expect((await erasureEntries(other.log)).length - before).toBeLessThanOrEqual(1);
      expect(await store.scan({ prefix: 'g/', limit: 9 })).toEqual([]);
    }
    expect(cuts).toBeGreaterThan(5);
  });

  test('writes and erasures of both at once leave what opens, and in the end nothing', async () => {
    const both = [await instance(), await instance()] as const;
    const work = both.flatMap(({ vault }, who) =>
      Array.from({ length: 40 }, async (_, i) => {
        if (i % 10 === 9) await vault.erasures.erase(patient);
        else await vault.openings.put(keptOpenings(`d${who}.${i}`));
      }),
    );
    await Promise.all(work);
    // Each of them opens for both: a row without its key would not be listed for the one that did not make it.
    for (let who = 0; who < 2; who += 1) {
      for (let i = 0; i < 40; i += 1) {
        expect(await left(both[0], `d${who}.${i}`)).toEqual(await left(both[1], `d${who}.${i}`));
      }
    }
    for (const each of [patient, clerk]) await both[0].vault.erasures.erase(each);
    const store = both[1].store;
    expect(await store.scanKeys({ prefix: '', limit: 9 })).toEqual(['root']);
    const rows = await store.scan({ prefix: '', limit: 999 });
    expect(rows.map(({ name }) => name[0]).filter((kind) => kind !== 'u')).toEqual([]);
  });

  test('decisions under way in one are nothing to the other for an hour, and then they are', async () => {
    const one = await instance();
    await one.vault.openings.putAhead(keptOpenings('under way'));
    const isRecorded = async () => false;
    const other = await instance({ isRecorded });
    await other.vault.sweep();
    expect(await left(other, 'under way')).toHaveLength(2);
    const later = await instance({ isRecorded, time: () => Date.now() * 1000 + hour });
    expect(await left(later, 'under way')).toEqual([]);
  });

  test('a condition about two keys of one name does not hold, and leaves nothing', async () => {
    const store = await postgresVault(addressOf(url), { allowVolatile: true });
    stores.push(store);
    const [one, other] = [1, 2].map((byte) => ({ name: 'k', bytes: new Uint8Array(64).fill(byte) })) as [
      VaultRow,
      VaultRow,
    ];
    for (const keys of [
      [one, other],
      [other, one],
    ]) {
      const change = { keys, puts: [{ name: 'r', bytes: Buffer.from('r') }] };
      expect(await store.shared.commitIf(change, { keys, present: [], absent: [] })).toBe(false);
      expect([await store.readKey('k'), await store.read('r')]).toEqual([undefined, undefined]);
    }
  });

  test('a key whose commit seemed to fail, and that the other one destroyed, does not come back', async () => {
    const store = faultyVault(await opened());
    const [one, other] = [await instance({}, store), await instance()];
    // The first two calls read the keys.
    store.plant(2, 'did persist');
    await expect(one.vault.openings.put(keptOpenings('d1'))).rejects.toMatchObject({ code: 'vault_failed' });
    const names = (await store.scanKeys({ prefix: '', limit: 9 })).filter((each) => each !== 'root');
    expect(names).toHaveLength(2);
    const before = await Promise.all(names.map((each) => store.readKey(each)));
    for (const each of [patient, clerk]) await other.vault.erasures.erase(each);
    await one.vault.openings.put(keptOpenings('d1'));
    const after = await Promise.all(names.map((each) => store.readKey(each)));
    for (const [i, bytes] of after.entries()) {
      expect(bytes).toBeDefined();
      expect(bytes).not.toEqual(before[i]);
    }
    expect(await left(other, 'd1')).toHaveLength(2);
  });

  test('under another vault key since it was opened, it takes nothing under the old one', async () => {
    const one = await instance();
    await one.vault.openings.put(keptOpenings('d1'));
    const after = masterKeyOf(randomBytes(32));
    await rotateVaultKey(await opened(), kept.master, after, randomBytes);
    for (const more of [{}, { subject: 'patient-18' }]) {
      await expect(one.vault.openings.put(keptOpenings('d2', more))).rejects.toMatchObject({
        code: 'vault_failed',
        message: expect.stringMatching(/was changed while this process ran|is under the vault key/),
      });
    }
    const again = await openKept({ ...kept, master: after, store: await opened() });
    expect(await left(again, 'd1')).toHaveLength(2);
    expect(await left(again, 'd2')).toEqual([]);
  });
});
