import { beforeEach, describe, expect, it } from 'vitest';
import { ok } from '../../src/kernel/result.js';
import { type FaultMode, faultyStorage } from '../support/faulty-storage.js';
import { type StorageDriver, storageDrivers } from '../support/storage-drivers.js';
import { contractPut, decision } from '../unit/log/entries.js';
import { checkLedger, Ledger, openTestLog, workload } from './log-ledger.js';

const modes: readonly FaultMode[] = ['did not persist', 'did persist'];

/** Runs the workload with faults from its n-th call on; then an independent reader looks. Gives the call that failed first. */
async function runWith(driver: StorageDriver, n: number, mode: FaultMode, count: number) {
  const place = await driver.place();
  try {
    const faulty = faultyStorage(await place.open());
    faulty.plant(n, mode, count);
    const ledger = new Ledger();
    await workload(faulty, ledger);
    expect(faulty.thrown()).toBe(count);
    await checkLedger(await place.open(), ledger);
    return faulty.calls[n] as string;
  } finally {
    await place.dispose();
  }
}

async function callsOf(driver: StorageDriver): Promise<readonly string[]> {
  const place = await driver.place();
  const counting = faultyStorage(await place.open());
  await workload(counting, new Ledger());
  await place.dispose();
  return counting.calls;
}

describe.each(storageDrivers)('faults of $name storage', (driver) => {
  beforeEach(({ skip }) => {
    if (driver.skip !== undefined) skip(driver.skip);
  });

  it.each(modes)(
    'each call of the port failing once (%s) loses, forks and doubles nothing',
    async (mode) => {
      const calls = await callsOf(driver);
      const failed: string[] = [];
      for (let n = 0; n < calls.length; n += 1) failed.push(await runWith(driver, n, mode, 1));
      expect(new Set(failed)).toEqual(
        new Set(['readHead', 'commit', 'readBlob', 'readBlobs', 'readIndex', 'scanIndex']),
      );
      console.log(`${driver.name}: ${failed.length} calls failed once, each "${mode}"`);
      expect(failed.length).toBeGreaterThan(20);
    },
    120_000,
  );

  it.each(modes)(
    'calls failing in a row (%s), the recovery failing too',
    async (mode) => {
      const calls = await callsOf(driver);
      let runs = 0;
      for (let n = 0; n < calls.length; n += 3) {
        await runWith(driver, n, mode, 3);
        runs += 1;
      }
      expect(runs).toBeGreaterThan(6);
    },
    120_000,
  );

  it('is told by check() while commits fail, and found well again without an append', async () => {
    const place = await driver.place();
    const faulty = faultyStorage(await place.open());
    const log = await openTestLog(faulty);
    await log.check();
    faulty.plant(0, 'did not persist', 4);
    const put = () => log.appendState(() => ok([contractPut('a')]));
    await expect(put()).rejects.toMatchObject({ code: 'storage_failed', retryable: true });
    const checks = await Promise.allSettled([log.check(), log.check(), log.check()]);
    expect(checks.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    const before = log.published;
    await log.check();
    expect(log.published).toEqual(before);
    expect(await put()).toMatchObject({ ok: true, value: { from: 1 } });
    await place.dispose();
  });

  it('two writers on one store: one log, each append once', async () => {
    const place = await driver.place();
    const store = await place.open();
    const ledger = new Ledger();
    const writers = [await openTestLog(store), await openTestLog(store)];
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const log = writers[i % 2] as (typeof writers)[number];
        const id = `w${i}`;
        for (;;) {
          const appended = await log.appendDecision(decision(id, log.view.folded.state.as_of));
          if (appended.kind === 'stale') continue;
          ledger.acknowledged.set(appended.index, `decision ${id}`);
          ledger.see(log);
          return;
        }
      }),
    );
    expect(ledger.acknowledged.size).toBe(30);
    await checkLedger(await place.open(), ledger);
    await place.dispose();
  });
});

describe('back-pressure', () => {
  it('refuses decisions and changes beyond what may wait, with a fault that can be tried again', async () => {
    const driver = storageDrivers[0] as StorageDriver;
    const place = await driver.place();
    const store = await place.open();
    const { commit } = store;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const log = await openTestLog(store, { waitingAppends: 5 });
    store.commit = async (...args) => {
      await held;
      return commit(...args);
    };
    const appends = Array.from({ length: 9 }, (_, i) => log.appendDecision(decision(`d${i}`, 1)));
    const settled = Promise.allSettled(appends);
    await expect(log.appendState(() => ok([contractPut('a')]))).rejects.toMatchObject({
      code: 'unavailable',
    });
    release();
    const results = await settled;
    expect(results.map(({ status }) => status).join(' ')).toBe(
      `${'fulfilled '.repeat(6)}${'rejected '.repeat(3)}`.trim(),
    );
    expect(log.size).toBe(7);
    await place.dispose();
  });
});
