import { afterEach, describe, expect, it } from 'vitest';
import type { State } from '../../../src/contracts/state.js';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { ok } from '../../../src/kernel/result.js';
import { parseVerifierKey } from '../../../src/kernel/verifier-key.js';
import { AttemptCounts } from '../../../src/log/attempt-counts.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { indexDigits } from '../../../src/log/index-rows.js';
import type { Log, LogOptions } from '../../../src/log/log.js';
import { openLog } from '../../../src/log/open-log.js';
import type { IndexRange, IndexRow, StoragePort } from '../../../src/log/port.js';
import { encodeSnapshot, manifestDigest } from '../../../src/log/snapshot-codec.js';
import { signSnapshot } from '../../../src/log/snapshot-note.js';
import { snapshotFault } from '../../../src/log/state-snapshot.js';
import { writeSnapshot } from '../../../src/log/write-snapshot.js';
import { type FaultyStorage, faultyStorage } from '../../support/faulty-storage.js';
import { type StoragePlace, storageDrivers } from '../../support/storage-drivers.js';
import { contract, contractPut, decision, genesis, outcome, signer, verifierKey } from './entries.js';

interface Snapshot {
  readonly ids: readonly string[];
}
const buildSnapshot = (state: State) => ok({ ids: state.contracts.map(({ id }) => id) });

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
let warnings: string[] = [];
afterEach(() => {
  warnings = [];
});

/** Turns of the event loop that may pass before something is given up. */
const patience = 20_000;
async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < patience; turn += 1) {
    if (await done()) return;
    await nextTurn();
  }
  throw new Error('it did not come to pass');
}

async function open(
  storage: StoragePort,
  every: number | undefined,
  pause = nextTurn,
): Promise<Log<Snapshot>> {
  const snapshots = { pause, warn: (message: string) => warnings.push(message) };
  const options: LogOptions<Snapshot> = {
    storage,
    buildSnapshot,
    signer,
    ...(every === undefined ? {} : { snapshots: { every, ...snapshots } }),
  };
  const opened = await openLog(options, genesis);
  if (!opened.ok) throw new Error('not opened');
  return opened.value;
}

/** Contracts, attempts and outcomes until the log has `size` entries. */
async function fill(log: Log<Snapshot>, size: number): Promise<void> {
  for (let n = log.size; log.size < size; n = log.size) {
    // What goes on beside the appends has its turn.
    await nextTurn();
    if (n % 7 === 1) await log.appendState(() => ok([contractPut(`s${n % 10}`, `1.0.${n}`)]));
    else if (n % 7 === 2) await log.appendEvents([outcome(`s${n % 3}`, n % 2 === 0 ? 'answered' : 'failed')]);
    else {
      const attempt = { rank: 0, service: { service: `s${n % 3}`, version: '1', contract: '0'.repeat(64) } };
      await log.appendDecision({ ...decision(`d${n}`, log.view.folded.state.as_of), attempt });
    }
  }
}

/** A store that is `storage` but for what `read` makes of its blobs and rows. */
function throughout(
  storage: StoragePort,
  read: {
    readonly blob?: (key: string, bytes: Uint8Array | undefined) => Uint8Array | undefined;
    readonly rows?: (range: IndexRange, found: readonly IndexRow[]) => readonly IndexRow[];
  },
): StoragePort {
  const blob = read.blob ?? ((_, bytes) => bytes);
  return {
    durability: storage.durability,
    readHead: () => storage.readHead(),
    commit: (expected, batch) => storage.commit(expected, batch),
    readBlob: async (key) => blob(key, await storage.readBlob(key)),
    readBlobs: async (keys) => {
      const found = await storage.readBlobs(keys);
      return found.map((bytes, at) => blob(keys[at] as string, bytes));
    },
    readIndex: (key) => storage.readIndex(key),
    scanIndex: async (range) => {
      const found = await storage.scanIndex(range);
      return read.rows === undefined ? found : read.rows(range, found);
    },
    scanDroppable: (after, limit) => storage.scanDroppable(after, limit),
    watch: (listener) => storage.watch(listener),
    close: () => storage.close(),
  };
}

/** The store, and which entries were read of it. */
function watched(storage: StoragePort): StoragePort & { readonly entries: Set<string> } {
  const entries = new Set<string>();
  const noted = throughout(storage, {
    blob: (key, bytes) => {
      if (key.startsWith('entry/')) entries.add(key);
      return bytes;
    },
  });
  return { ...noted, entries };
}

/** Of everything that is folded. */
const digestOfState = ({ view: { folded } }: Log<Snapshot>) =>
  encodeSnapshot({ folded, attempts: new Map(), latestDecision: -1 }).digest;

const rows = (storage: StoragePort) => storage.scanIndex({ folder: 'snapshot/', limit: 99 });
const next = async (log: Log<Snapshot>) =>
  log.appendEvents([
    {
      type: 'caio/entry/v1',
      kind: 'attempt',
      time: 9,
      decision: 'd',
      rank: 0,
      service: { service: 's1', version: '1', contract: '0'.repeat(64) },
    },
  ]);

describe.each(storageDrivers)('state snapshots in $name', (driver) => {
  it('are kept as the log grows; a start goes on from the latest and comes to the same', async () => {
    const place: StoragePlace = await driver.place();
    try {
      const log = await open(await place.open(), 40);
      await fill(log, 130);
      const storage = log.storage;
      await until(async () => (await rows(storage)).length >= 2);
      await fill(log, 140);
      // The store is closed when no snapshot is under way any more.
      if (driver.reopens.yes) await log.close();
      else
        await until(async () => ((await rows(storage)).at(-1)?.key ?? '') > `snapshot/${indexDigits(100)}`);
      const reopened = watched(driver.reopens.yes ? await place.open() : storage);
      const plain = await open(reopened, undefined);
      expect(reopened.entries.size).toBe(140);
      await fill(plain, 150);
      reopened.entries.clear();
      // A check that has not had its turn: what was read so far is what the start read.
      const resumed = await open(reopened, 40, () => new Promise(() => {}));
      expect(reopened.entries.size).toBeGreaterThan(9);
      expect(reopened.entries.size).toBeLessThan(65);
      expect(digestOfState(resumed)).toBe(digestOfState(plain));
      expect(resumed.view.snapshot).toEqual(plain.view.snapshot);
      expect(resumed.published).toEqual(plain.published);
      expect(await next(resumed)).toEqual({ index: 150, attemptNumber: expect.any(Number) });
      const numbers = await next(await open(reopened, undefined));
      expect(await next(resumed)).toEqual({ index: 152, attemptNumber: (numbers.attemptNumber ?? 0) + 1 });
      expect(warnings).toEqual([]);
    } finally {
      await place.dispose();
    }
  });
});

/** A log in memory with one snapshot at its size, closed. */
async function kept(size = 50): Promise<StoragePort> {
  const storage = memoryStorage();
  const log = await open({ ...storage, close: async () => {} }, size);
  await fill(log, size);
  await log.close();
  expect(await rows(storage)).toHaveLength(1);
  return storage;
}

/** The store with blobs or the note changed as they are read. */
function changed(
  storage: StoragePort,
  {
    blob,
    note,
  }: { readonly blob?: (key: string, bytes: Uint8Array) => Uint8Array | undefined; readonly note?: string },
): StoragePort {
  return throughout(storage, {
    blob: (key, bytes) => (bytes === undefined || blob === undefined ? bytes : blob(key, bytes)),
    rows: ({ folder }, found) =>
      folder !== 'snapshot/' || note === undefined ? found : found.map(({ key }) => ({ key, value: note })),
  });
}

const flip = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 5 ? byte ^ 1 : byte));

describe('a state snapshot', () => {
  it('that was changed is not used: a warning, and every entry is read', async () => {
    const storage = await kept();
    const [row] = await rows(storage);
    const note = row?.value ?? '';
    const cases: Parameters<typeof changed>[1][] = [
      { note: note.replace('\n50\n', '\n49\n') },
      { note: note.replace(/([0-9a-f])\n\n/, (_, digit) => `${digit === '0' ? '1' : '0'}\n\n`) },
      { note: 'nothing' },
      {
        note: signSnapshot(
          { size: 50, root: 'e'.repeat(64) as never, digest: 'e'.repeat(64) as never },
          signer,
        ),
      },
      { blob: (key, bytes) => (key.startsWith('snapshot/') ? flip(bytes) : bytes) },
      { blob: (key, bytes) => (key.startsWith('snapshot/') ? undefined : bytes) },
      { blob: (key, bytes) => (key.startsWith('hash/') ? flip(bytes) : bytes) },
      { blob: (key, bytes) => (key.startsWith('hash/') ? undefined : bytes) },
    ];
    const straight = await open(storage, undefined);
    for (const [at, change] of cases.entries()) {
      warnings = [];
      const log = await open(changed(storage, change), 1000);
      expect(warnings, `case ${at}`).toHaveLength(1);
      expect(digestOfState(log), `case ${at}`).toBe(digestOfState(straight));
    }
  });

  it('is behind the head, or not looked at: a store whose head went back does not start on it', async () => {
    const storage = await kept();
    const log = await open(storage, undefined);
    await fill(log, 60);
    const head = await storage.readHead();
    const back = { ...storage, readHead: async () => ({ size: 40, root: head?.root ?? ('' as never) }) };
    await expect(open(back, 1000)).rejects.toMatchObject({ code: 'storage_failed' });
    expect(warnings).toEqual([]);
  });

  it('with entries behind it that are not those of the head does not start', async () => {
    const storage = await kept();
    await fill(await open(storage, undefined), 55);
    const bad = changed(storage, {
      blob: (key, bytes) =>
        key.endsWith('0052')
          ? Buffer.from(Buffer.from(bytes).toString().replace('"time":', '"time":1'))
          : bytes,
    });
    await expect(open(bad, 1000)).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it('that its entries do not say stops every append and the readiness, once it was checked', async () => {
    const storage = await kept();
    const honest = await open(storage, undefined);
    await fill(honest, 60);
    const { folded } = honest.view;
    const lie = { ...folded, state: { ...folded.state, contracts: [contract('mallory')] } };
    const keepable = {
      folded: lie,
      attempts: new Map<string, number>(),
      latestDecision: -1,
      root: honest.published.root,
    };
    await writeSnapshot(storage, keepable, signer, nextTurn);
    const log = await open(storage, 10);
    await until(async () => (await log.check().catch(() => 'refused')) === 'refused');
    await expect(log.check()).rejects.toMatchObject({ code: 'storage_failed', retryable: false });
    await expect(next(log)).rejects.toThrow(/fold to another state/);
    await expect(log.appendState(() => ok([contractPut('a')]))).rejects.toThrow(/another state/);
    const asOf = log.view.folded.state.as_of;
    await expect(log.appendDecision(decision('late', asOf))).rejects.toThrow(/another state/);
    const before = await rows(storage);
    await log.close();
    expect(before).toHaveLength(2);
  });

  it('with other counts of attempts than the log has is found too', async () => {
    const storage = await kept();
    const honest = await open(storage, undefined);
    await fill(honest, 60);
    const attempts = new Map([['s1', 1]]);
    await writeSnapshot(
      storage,
      { folded: honest.view.folded, attempts, latestDecision: -1, root: honest.published.root },
      signer,
      nextTurn,
    );
    const log = await open(storage, 10);
    await until(async () => (await log.check().catch(() => 'refused')) === 'refused');
    await expect(next(log)).rejects.toThrow(/another state/);
  });

  it('whose entries were changed below it is found when it is checked', async () => {
    const storage = await kept();
    const bad = changed(storage, {
      blob: (key, bytes) =>
        key.endsWith('0010') && key.startsWith('entry/')
          ? Buffer.from(Buffer.from(bytes).toString().replace('"time":', '"time":1'))
          : bytes,
    });
    const log = await open(bad, 1000);
    await until(async () => (await log.check().catch(() => 'refused')) === 'refused');
    await expect(next(log)).rejects.toThrow(/another root/);
  });

  it('that holds is checked beside the appends, and the next is kept only after that', async () => {
    const storage = await kept();
    let turns = 0;
    let go = false;
    const log = await open(storage, 20, async () => {
      turns += 1;
      while (!go) await nextTurn();
    });
    await fill(log, 90);
    expect(turns).toBe(1);
    expect(await rows(storage)).toHaveLength(1);
    go = true;
    await until(async () => {
      await next(log);
      return (await rows(storage)).length === 2;
    });
    await log.check();
  });

  it('is checked again when the store failed meanwhile and came back', async () => {
    const faulty: FaultyStorage = faultyStorage(await kept());
    let hold: (() => void) | undefined;
    const log = await open(
      faulty,
      1000,
      () =>
        new Promise((resolve) => {
          hold = resolve;
        }),
    );
    await until(() => hold !== undefined);
    faulty.plant(0, 'did not persist', 1);
    hold?.();
    await until(() => warnings.length === 1);
    expect(warnings[0]).toMatch(/not checked yet/);
    hold = undefined;
    await next(log);
    await until(() => hold !== undefined);
    await log.check();
  });

  it('is not waited for when the log is closed in the middle of the check', async () => {
    const log = await open(await kept(), 10);
    await log.close();
    expect(warnings).toEqual([]);
  });

  it('that is cut short at any call of the store is found by nobody, and the next start keeps it', async () => {
    const source = await kept();
    const { view, published } = await open(source, undefined);
    const keepable = {
      folded: view.folded,
      attempts: new AttemptCounts().counts,
      latestDecision: -1,
      root: published.root,
    };
    let calls = 1;
    for (let at = 0; at < calls; at += 1) {
      for (const mode of ['did not persist', 'did persist'] as const) {
        const storage = memoryStorage();
        await fill(await open(storage, undefined), 50);
        const faulty = faultyStorage(storage);
        faulty.plant(at, mode, 99);
        await expect(writeSnapshot(faulty, keepable, signer, nextTurn)).rejects.toThrow(/planted/);
        const again = await open(storage, undefined);
        expect(again.view).toEqual(view);
        const whole = faultyStorage(storage);
        await writeSnapshot(whole, keepable, signer, nextTurn);
        calls = Math.max(calls, whole.calls.length);
        expect(await rows(storage)).toHaveLength(1);
      }
    }
    expect(calls).toBeGreaterThan(5);
  });
});

describe('fsck', () => {
  it('finds a snapshot that no start would go on from, and passes over one of another version', async () => {
    const storage = await kept();
    const [row] = await rows(storage);
    const key = parseVerifierKey(verifierKey);
    if (row === undefined || !key.ok) throw new Error('no snapshot');
    expect(await snapshotFault(storage, row, key.value)).toBeUndefined();
    const flipped = changed(storage, {
      blob: (name, bytes) => (name.startsWith('snapshot/') ? flip(bytes) : bytes),
    });
    expect(await snapshotFault(flipped, row, key.value)).toMatch(/not the one that was signed/);
    const [size, root] = [50, (await storage.readHead())?.root as never];
    const other = canonicalBytes({ type: 'caio/snapshot/v1', program: '0.0.0', sections: [], parts: [] });
    const note = signSnapshot({ size, root, digest: manifestDigest(other) }, signer);
    const foreign = throughout(storage, {
      blob: (name, bytes) => (name.startsWith('snapshot/') ? other : bytes),
    });
    expect(await snapshotFault(foreign, { key: row.key, value: note }, key.value)).toBeUndefined();
    await open(changed(foreign, { note }), 1000);
    expect(warnings).toEqual([expect.stringMatching(/not used: it was written by CAIO 0\.0\.0/)]);
  });
});
