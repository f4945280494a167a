import { afterEach, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import {
  clerk,
  erasureEntries,
  type Kept,
  keptOpenings,
  newKept,
  type OpenedVault,
  openKept,
  patient,
} from '../fixtures/server/opened-vault.js';
import { type FaultMode, type FaultyStorage, faultyStorage } from '../support/faulty-storage.js';
import { type FaultyVault, faultyVault } from '../support/faulty-vault.js';
import { filesWith } from '../support/folder-bytes.js';
import { type VaultPlace, vaultDrivers } from '../support/vault-drivers.js';

const modes: readonly FaultMode[] = ['did not persist', 'did persist'];

/** What is tried, once in a world where a call of it fails. */
interface Act {
  readonly name: string;
  readonly prepare?: (opened: OpenedVault) => Promise<unknown>;
  readonly run: (opened: OpenedVault) => Promise<unknown>;
  readonly check: (opened: OpenedVault) => Promise<void>;
}

const names = async ({ vault }: OpenedVault, decision: string) =>
  [...(await vault.openings.find(decision, 'a key')).left].sort();

const acts: readonly Act[] = [
  {
    name: 'erase',
    run: ({ vault }) => vault.erasures.erase(patient),
    check: async (opened) => {
      expect(await names(opened, 'd1')).toEqual(['caller.subject']);
      expect(await names(opened, 'd2')).toEqual(['caller.subject']);
      expect(await erasureEntries(opened.log)).toMatchObject([{ action: 'erase', openings: 2 }]);
    },
  },
  {
    name: 'expire',
    run: ({ vault }) => vault.erasures.expire(),
    check: async (opened) => {
      expect(await names(opened, 'old')).toEqual([]);
      expect(await names(opened, 'd1')).toEqual(['caller.subject', 'request.subject']);
      expect(await erasureEntries(opened.log)).toMatchObject([
        { action: 'expire', retention: 'internal', openings: 2 },
      ]);
    },
  },
  {
    name: 'hold',
    run: ({ vault }) => vault.erasures.hold(patient),
    check: async (opened) => {
      expect(await opened.vault.erasures.erase(patient)).toEqual({ ok: false, error: 'held' });
      expect(await erasureEntries(opened.log)).toMatchObject([{ action: 'hold' }]);
    },
  },
  {
    name: 'release',
    prepare: ({ vault }) => vault.erasures.hold(clerk),
    run: ({ vault }) => vault.erasures.release(clerk),
    check: async (opened) => {
      const [hold, release, ...more] = await erasureEntries(opened.log);
      expect([hold?.action, release?.action, more]).toEqual(['hold', 'release', []]);
      expect(release?.subject).toBe(hold?.subject);
      expect(await opened.vault.erasures.erase(clerk)).toMatchObject({ ok: true });
    },
  },
];

const keep = { internal: 30 * 86_400 * 1e6 };
const options = { keep };
const oldTime = Date.UTC(2020, 0, 1) * 1000;

let place: VaultPlace;
afterEach(() => place.dispose());

interface World {
  readonly opened: OpenedVault;
  readonly storage: FaultyStorage;
  readonly store: FaultyVault;
  /** What is there for another process, which no call fails. */
  readonly kept: Kept;
}

async function world(driver: (typeof vaultDrivers)[number], act: Act): Promise<World> {
  place = await driver.place();
  const sound = memoryStorage();
  const storage = faultyStorage(sound);
  const store = faultyVault(await place.open());
  const kept = newKept({ storage, store });
  const opened = await openKept(kept, options);
  if (act.name === 'expire') await opened.vault.openings.put(keptOpenings('old', { time: oldTime }));
  for (const decision of ['d1', 'd2']) await opened.vault.openings.put(keptOpenings(decision));
  await act.prepare?.(opened);
  return { opened, storage, store, kept: { ...kept, storage: sound } };
}

describe.each(vaultDrivers)('on a vault in $name', (driver) => {
  describe.each(acts)('$name', (act) => {
    test.each(modes)('with each call of vault and log failing: %s', { timeout: 60_000 }, async (mode) => {
      let tried = 0;
      for (const port of ['store', 'storage'] as const) {
        for (let n = 0; ; n += 1) {
          const made = await world(driver, act);
          made[port].plant(n, mode);
          const first = await act.run(made.opened).then(
            () => 'done',
            () => 'failed',
          );
          const reached = made[port].thrown() > 0;
          tried += 1;
          // Another process: it carries on what was begun. Whoever was told that it failed asks again.
          const again = await openKept({ ...made.kept, store: await place.open() }, options);
          if (first === 'failed') await act.run(again);
          await act.check(again);
          await place.dispose();
          if (!reached) break;
          expect(first).toBe('failed');
        }
      }
      // Each port is called several times: were it not for these, nothing would have been tried.
      expect(tried).toBeGreaterThan(6);
    });
  });
});

test('after each call that fails, a key is whole or nowhere on the disk', async () => {
  const driver = vaultDrivers.find(({ name }) => name === 'folder');
  if (driver === undefined) throw new Error('there is no driver with a folder');
  let halves = 0;
  for (let n = 0; n < 10; n += 1) {
    const { opened, store } = await world(driver, acts[0] as Act);
    const folder = place.folder as string;
    const names = await store.scanKeys({ prefix: '', limit: 99 });
    const wrapped = await Promise.all(names.map((name) => store.readKey(name)));
    store.plant(n, 'did persist');
    await opened.vault.erasures.erase(patient).catch(() => undefined);
    const places = wrapped.map((bytes) => filesWith(folder, bytes as Uint8Array).length);
    const sound = await place.open();
    const left = await Promise.all(names.map((name) => sound.readKey(name)));
    expect(places, `after call ${n}`).toEqual(left.map((bytes) => (bytes === undefined ? 0 : 1)));
    halves += left.includes(undefined) ? 1 : 0;
    await place.dispose();
  }
  expect(halves).toBeGreaterThan(2);
});
