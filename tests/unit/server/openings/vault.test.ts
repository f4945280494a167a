import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/server/clock.js';
import { masterKeyOf } from '../../../../src/server/openings/master-key.js';
import { rotateVaultKey } from '../../../../src/server/openings/rotation.js';
import type { VaultStore } from '../../../../src/server/openings/vault-port.js';
import {
  clerk,
  erasureEntries,
  type Kept,
  keptOpenings,
  newKept,
  officer,
  openKept,
  patient,
  saltOf,
} from '../../../fixtures/server/opened-vault.js';
import { faultyVault } from '../../../support/faulty-vault.js';
import { filesBelow, filesWith } from '../../../support/folder-bytes.js';
import { type VaultPlace, vaultDrivers } from '../../../support/vault-drivers.js';

const day = 86_400 * 1e6;

describe.each(vaultDrivers)('a vault in $name', (driver) => {
  let place: VaultPlace;
  let kept: Kept;
  beforeEach(async ({ skip }) => {
    if (driver.missing !== undefined) skip(driver.missing);
    place = await driver.place();
    kept = newKept({ store: await place.open() });
  });
  afterEach(() => place?.dispose());
  const reopened = async (options = {}) => openKept({ ...kept, store: await place.open() }, options);

  test('gives openings back to whom they belong, and to nobody else, also in another process', async () => {
    const { vault } = await openKept(kept);
    const { openings } = keptOpenings('d1');
    const left = ['caller.subject', 'request.subject'];
    await vault.openings.put(keptOpenings('d1'));
    const check = async ({ openings: store }: typeof vault) => {
      expect(await store.find('d1', 'a key')).toEqual({ left, own: openings });
      expect(await store.find('d1', 'another key')).toEqual({ left });
      expect(await store.find('d2', 'a key')).toEqual({ left: [] });
    };
    await check(vault);
    await check((await reopened()).vault);
  });

  test('an erasure takes what is about the subject, whoever asked, and leaves the rest', async () => {
    const { vault, log } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    await vault.openings.put(keptOpenings('d2', { subject: 'patient-18' }));
    await vault.openings.put(keptOpenings('d3', { tenant: 'globex' }));
    const erased = await vault.erasures.erase(clerk);
    expect(erased).toMatchObject({ ok: true, value: { openings: 2, index: log.size - 1 } });
    const left = async (decision: string) => (await vault.openings.find(decision, 'a key')).left;
    expect([await left('d1'), await left('d2')]).toEqual([['request.subject'], ['request.subject']]);
    // Another tenant's clerk of the same name is another person.
    expect(await left('d3')).toEqual(['caller.subject', 'request.subject']);
  });

  test('an erasure names its author and nobody else, and its salt shows whom it was about', async () => {
    const { vault, log } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    const erased = await vault.erasures.erase(patient);
    const [entry, ...more] = await erasureEntries(log);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ action: 'erase', author: officer, openings: 1 });
    expect(entry?.subject).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(entry)).not.toContain('patient');
    const { hmacSha256, digestFromBytes } = await import('../../../../src/kernel/digest.js');
    const salt = Buffer.from(erased.ok ? (erased.value.salt ?? '') : '', 'hex');
    expect(digestFromBytes(hmacSha256(salt, Buffer.from('"patient-17"')))).toBe(entry?.subject);
    if (place.folder !== undefined) expect(filesWith(place.folder, salt)).toEqual([]);
  });

  test('erasing again finds nothing and records nothing', async () => {
    const { vault, log } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    await vault.erasures.erase(patient);
    const { size } = log;
    expect(await vault.erasures.erase(patient)).toEqual({ ok: true, value: { openings: 0 } });
    expect(log.size).toBe(size);
  });

  test('two erasures at once are one', async () => {
    const { vault, log } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    const both = await Promise.all([vault.erasures.erase(patient), vault.erasures.erase(patient)]);
    expect(both.map((each) => each.ok && each.value.openings).sort()).toEqual([0, 1]);
    expect(await erasureEntries(log)).toHaveLength(1);
  });

  test('what is about the subject later is under a new key', async () => {
    const { vault } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    await vault.erasures.erase(patient);
    await vault.openings.put(keptOpenings('d2'));
    const again = (await reopened()).vault;
    expect((await again.openings.find('d1', 'a key')).left).toEqual(['caller.subject']);
    expect((await again.openings.find('d2', 'a key')).own).toEqual(keptOpenings('d2').openings);
  });

  test('what is put while an erasure runs does not survive it', async () => {
    const { vault } = await openKept(kept);
    await Promise.all(Array.from({ length: 20 }, (_, i) => vault.openings.put(keptOpenings(`before-${i}`))));
    const during: Promise<void>[] = [];
    const put = (i: number) => during.push(vault.openings.put(keptOpenings(`during-${i}`)));
    const erasing = vault.erasures.erase(patient);
    for (let i = 0; i < 20; i += 1) {
      put(i);
      await Promise.resolve();
    }
    const erased = await erasing;
    await Promise.all(during);
    expect(erased.ok && erased.value.openings).toBeGreaterThanOrEqual(20);
    for (let i = 0; i < 20; i += 1) {
      expect((await vault.openings.find(`during-${i}`, 'a key')).left).not.toContain('request.subject');
      expect((await vault.openings.find(`before-${i}`, 'a key')).left).toEqual(['caller.subject']);
    }
  });

  test('many at once about the same new subject share one key, which an erasure destroys', async () => {
    const { vault, store } = await openKept(kept);
    await Promise.all(Array.from({ length: 50 }, (_, i) => vault.openings.put(keptOpenings(`d${i}`))));
    const names = await store.scanKeys({ prefix: '', limit: 99 });
    expect(names).toHaveLength(3);
    const again = (await reopened()).vault;
    for (let i = 0; i < 50; i += 1) {
      expect((await again.openings.find(`d${i}`, 'a key')).left).toHaveLength(2);
    }
    expect(await again.erasures.erase(patient)).toMatchObject({ value: { openings: 50 } });
  });

  test('the subject of an API key is known after a start, and not after its erasure', async () => {
    const { vault } = await openKept(kept);
    const opening = { tenant: 'acme', subject: 'clerk-3', salt: saltOf('key') };
    await vault.openings.putSubject('00aa', opening);
    const again = (await reopened()).vault;
    expect([vault, again].map(({ openings }) => openings.subjectOf('00aa'))).toEqual(['clerk-3', 'clerk-3']);
    expect(again.openings.subjectOf('00ab')).toBeUndefined();
    expect(await again.erasures.erase(clerk)).toMatchObject({ value: { openings: 1 } });
    expect(again.openings.subjectOf('00aa')).toBeUndefined();
    expect((await reopened()).vault.openings.subjectOf('00aa')).toBeUndefined();
  });

  test('a hold keeps a subject from erasure and expiry until it is released', async () => {
    let now = Date.UTC(2026, 0, 1, 12) * 1000;
    const { vault, log } = await openKept(kept, { keep: { internal: day }, time: () => now });
    await vault.openings.put(keptOpenings('d1', { time: now }));
    const held = await vault.erasures.hold(patient);
    expect(await vault.erasures.hold(patient)).toEqual({ commitment: held.commitment, since: held.since });
    now += 10 * day;
    expect(await vault.erasures.erase(patient)).toEqual({ ok: false, error: 'held' });
    expect(await vault.erasures.expire()).toMatchObject([{ retention: 'internal', openings: 1 }]);
    expect((await vault.openings.find('d1', 'a key')).left).toEqual(['request.subject']);
    expect(await vault.erasures.release(patient)).toMatchObject({ commitment: held.commitment });
    expect(await vault.erasures.release(patient)).toBeUndefined();
    expect(await vault.erasures.expire()).toMatchObject([{ retention: 'internal', openings: 1 }]);
    const entries = await erasureEntries(log);
    expect(entries.map(({ action }) => action)).toEqual(['hold', 'expire', 'release', 'expire']);
  });

  test('what has expired goes by class, at the end of its day and time, to the microsecond', async () => {
    const decided = Date.UTC(2026, 0, 1, 12) * 1000;
    const due = Date.UTC(2026, 0, 2) * 1000 + 30 * day;
    let now = due - 1;
    const { vault, log } = await openKept(kept, { keep: { internal: 30 * day }, time: () => now });
    for (const classification of ['internal', 'restricted'] as const) {
      await vault.openings.put(keptOpenings(classification, { classification, time: decided }));
    }
    expect(await vault.sweep()).toEqual([]);
    now = due;
    expect(await vault.sweep()).toEqual([{ retention: 'internal', openings: 2, index: log.size - 1 }]);
    expect((await vault.openings.find('internal', 'a key')).left).toEqual([]);
    expect((await vault.openings.find('restricted', 'a key')).left).toHaveLength(2);
    expect(await erasureEntries(log)).toMatchObject([
      {
        action: 'expire',
        retention: 'internal',
        openings: 2,
        author: { method: 'local', key_id: 'retention' },
      },
    ]);
  });

  test('what was kept for a decision that never got into the log goes at the next start', async () => {
    const { vault } = await openKept(kept);
    for (const decision of ['recorded', 'lost']) await vault.openings.putAhead(keptOpenings(decision));
    vault.openings.recorded('recorded');
    await vault.openings.putAhead(keptOpenings('too'));
    const isRecorded = async (decision: string) => decision !== 'lost';
    // Where others may be at work, what is listed is theirs for an hour.
    const time = () => systemClock.wallMicros() + 3600 * 1e6;
    const again = (await reopened({ isRecorded, time })).vault;
    const left = await Promise.all(
      ['recorded', 'lost', 'too'].map(async (id) => (await again.openings.find(id, 'a key')).left.length),
    );
    expect(left).toEqual([2, 0, 2]);
  });

  test('a put whose commit failed is whole when it is tried again', async () => {
    const store = faultyVault(kept.store);
    const { vault } = await openKept({ ...kept, store });
    // The first time both keys are read before the commit; afterwards they are known, though they may not be saved.
    for (const [commit, mode] of [
      [2, 'did not persist'],
      [0, 'did persist'],
    ] as const) {
      store.plant(commit, mode);
      await expect(vault.openings.put(keptOpenings(mode))).rejects.toThrow(`planted: commit ${mode}`);
      await vault.openings.put(keptOpenings(mode));
      await vault.openings.put(keptOpenings(`${mode} 2`));
    }
    const again = (await reopened()).vault;
    for (const id of ['did not persist', 'did persist', 'did not persist 2', 'did persist 2']) {
      expect((await again.openings.find(id, 'a key')).left, id).toHaveLength(2);
    }
  });

  test('another vault key is refused, with both named', async () => {
    await openKept(kept);
    const other = masterKeyOf(randomBytes(32));
    await expect(openKept({ ...kept, store: await place.open(), master: other })).rejects.toThrow(
      `The vault is under the vault key ${kept.master.id}; the key given is ${other.id}.`,
    );
  });

  test('a row in the place of another does not open', async () => {
    const { vault, store } = await openKept(kept);
    await vault.openings.put(keptOpenings('d1'));
    await vault.openings.put(keptOpenings('d2'));
    const [one, , other] = await store.scan({ prefix: 'o/', limit: 9 });
    if (one === undefined || other === undefined) throw new Error('there are no rows');
    await store.commit({ puts: [{ name: one.name, bytes: other.bytes }] });
    const outcomes = await Promise.allSettled(['d1', 'd2'].map((id) => vault.openings.find(id, 'a key')));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  describe('a change of the vault key', () => {
    const next = masterKeyOf(randomBytes(32));
    const under = async (store: VaultStore) => {
      const names = await store.scanKeys({ prefix: '', limit: 99 });
      return Promise.all(names.map(async (name) => Buffer.from((await store.readKey(name)) ?? [])));
    };

    test('puts every key under the new one and leaves nothing under the old', async () => {
      const { vault, store, master } = await openKept(kept);
      await vault.openings.put(keptOpenings('d1'));
      const before = await under(store);
      expect(await rotateVaultKey(store, master, next, randomBytes)).toBe(3);
      const again = await openKept({ ...kept, store, master: next });
      expect((await again.vault.openings.find('d1', 'a key')).left).toHaveLength(2);
      await expect(openKept({ ...kept, store })).rejects.toThrow(/under the vault key/);
      if (place.folder === undefined) return;
      for (const bytes of before) expect(filesWith(place.folder, bytes)).toEqual([]);
    });

    test('that is cut short anywhere goes on when it is run again, and nothing opens before', async () => {
      const { vault, master } = await openKept(kept);
      await vault.openings.put(keptOpenings('d1'));
      const store = faultyVault(kept.store);
      for (let n = 0; ; n += 1) {
        const target = masterKeyOf(randomBytes(32));
        const from = n === 0 ? master : kept.master;
        store.plant(n, n % 2 === 0 ? 'did not persist' : 'did persist');
        const cut = await rotateVaultKey(store, from, target, randomBytes).then(
          () => false,
          () => true,
        );
        if (cut) {
          await expect(openKept({ ...kept, store: kept.store, master: target })).rejects.toThrow(
            /was cut short|under the vault key|run caio vault rotate/,
          );
          await rotateVaultKey(kept.store, from, target, randomBytes);
        }
        kept = { ...kept, master: target };
        const again = await openKept(kept);
        expect((await again.vault.openings.find('d1', 'a key')).left).toHaveLength(2);
        if (!cut) break;
        expect(n).toBeLessThan(50);
      }
    });
  });

  test('nothing of it is readable on the disk, and after an erasure nothing is there at all', async ({
    skip,
  }) => {
    if (place.folder === undefined) return skip('it has no files');
    const { vault, store } = await openKept(kept);
    await vault.openings.put(keptOpenings('decision-1'));
    await vault.openings.putSubject('00aa', { tenant: 'acme', subject: 'patient-17', salt: saltOf('key') });
    const { openings } = keptOpenings('decision-1');
    const salts = Object.values(openings).flatMap(({ salt }) => [salt, Buffer.from(salt, 'hex')]);
    const readable = ['patient-17', 'clerk-3', 'acme', 'decision-1', kept.master.bytes, ...salts];
    for (const each of readable) expect(filesWith(place.folder, each)).toEqual([]);
    const names = (await store.scanKeys({ prefix: '', limit: 99 })).filter((name) => name !== 'root');
    const wrapped = await Promise.all(names.map(async (name) => (await store.readKey(name)) as Uint8Array));
    const { unwrapKey } = await import('../../../../src/server/openings/data-keys.js');
    const raw = names.map((name, i) => unwrapKey(name, wrapped[i] as Uint8Array, kept.master));
    for (const each of [patient, clerk]) await vault.erasures.erase(each);
    expect(filesBelow(place.folder).length).toBeGreaterThan(1);
    for (const bytes of [...raw, ...wrapped, ...wrapped.map((each) => each.subarray(16, 48))]) {
      expect(filesWith(place.folder, bytes)).toEqual([]);
    }
  });
});
