import { describe, expect, it } from 'vitest';
import type { State } from '../../../src/contracts/state.js';
import { Fault } from '../../../src/kernel/errors.js';
import { err, ok } from '../../../src/kernel/result.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import type { Log } from '../../../src/log/log.js';
import { openLog } from '../../../src/log/open-log.js';
import type { StoragePort } from '../../../src/log/port.js';
import { stateAt } from '../../../src/log/state-at.js';
import { contractPut, decision, genesis, outcome, signer } from './entries.js';

interface Snapshot {
  readonly ids: readonly string[];
}

function buildSnapshot(state: State) {
  const ids = state.contracts.map((contract) => contract.id);
  return ids.includes('unbuildable') ? err([{ code: 'bad', path: '', message: 'no' }]) : ok({ ids });
}

async function open(
  storage: StoragePort = memoryStorage(),
  gather?: () => Promise<void>,
): Promise<Log<Snapshot>> {
  const options = { storage, buildSnapshot, signer, ...(gather === undefined ? {} : { gather }) };
  const opened = await openLog(options, genesis);
  if (!opened.ok) throw new Error('not opened');
  return opened.value;
}

/** Fails the next commits as told: before or after the batch was written. */
function failing(storage: StoragePort): StoragePort & { next: ('before' | 'after')[] } {
  const next: ('before' | 'after')[] = [];
  return {
    ...storage,
    next,
    commit: async (expected, batch) => {
      const mode = next.shift();
      if (mode === 'before') throw new Fault('storage_failed', 'planted', { retryable: true });
      const result = await storage.commit(expected, batch);
      if (mode === 'after') throw new Fault('storage_failed', 'planted', { retryable: true });
      return result;
    },
  };
}

describe('the log', () => {
  it('appends in order and reads back what was appended', async () => {
    const log = await open();
    const put = await log.appendState(() => ok([contractPut('a'), contractPut('b')]));
    expect(put).toMatchObject({ ok: true, value: { from: 1, to: 3 } });
    expect(await log.appendDecision(decision('d', 3))).toEqual({ kind: 'appended', index: 3 });
    expect(await log.appendEvents([outcome('a', 'answered')])).toEqual({ index: 4 });
    expect(await log.read(3)).toMatchObject({ kind: 'decision', certificate: { id: 'd' } });
    expect(await log.read(5)).toBeUndefined();
    expect(log.view.snapshot.ids).toEqual(['a', 'b']);
  });

  it('answers stale to a decision made before the last state entry, and appends nothing', async () => {
    const log = await open();
    const [, late] = await Promise.all([
      log.appendState(() => ok([contractPut('a')])),
      log.appendDecision(decision('d', 1)),
    ]);
    expect(late).toEqual({ kind: 'stale' });
    expect(log.size).toBe(2);
    expect(await log.appendDecision(decision('d', 2))).toEqual({ kind: 'appended', index: 2 });
  });

  it('has what another process committed after a refresh, also after one that failed', async () => {
    const storage = memoryStorage();
    const [one, other] = [await open(storage), await open(storage)];
    await one.appendState(() => ok([contractPut('a')]));
    await one.appendDecision(decision('d', 2));
    expect(other.size).toBe(1);
    await Promise.all([other.refresh(), other.refresh()]);
    expect([other.size, other.view.snapshot.ids, other.published]).toEqual([3, ['a'], one.published]);
    const { readHead } = storage;
    storage.readHead = async () => {
      throw new Fault('storage_failed', 'planted', { retryable: true });
    };
    await expect(other.refresh()).rejects.toMatchObject({ code: 'storage_failed' });
    await expect(other.check()).resolves.toBeUndefined();
    storage.readHead = readHead;
    await other.refresh();
    expect(other.size).toBe(3);
  });

  it('commits what is appended while it gathers in one go, changes after the decisions', async () => {
    const commits: number[] = [];
    const storage = memoryStorage();
    const counting: StoragePort = {
      ...storage,
      commit: (expected, batch) => {
        commits.push(batch.head.size - (expected?.size ?? 0));
        return storage.commit(expected, batch);
      },
    };
    const log = await open(counting, () => new Promise((resolve) => setImmediate(resolve)));
    commits.length = 0;
    const appends = await Promise.all([
      log.appendState(() => ok([contractPut('a')])),
      ...Array.from({ length: 5 }, (_, i) => log.appendDecision(decision(`d${i}`, 1))),
    ]);
    expect(appends.slice(1)).toEqual([1, 2, 3, 4, 5].map((index) => ({ kind: 'appended', index })));
    expect(commits).toEqual([5, 1]);
    expect(log.size).toBe(7);
  });

  it('groups what queues up behind a commit, each append at its own index', async () => {
    const log = await open();
    const commits: number[] = [];
    const { commit } = log.storage;
    log.storage.commit = (expected, batch) => {
      commits.push(batch.head.size - (expected?.size ?? 0));
      return commit(expected, batch);
    };
    const appends = await Promise.all(
      Array.from({ length: 40 }, (_, i) => log.appendDecision(decision(`d${i}`, i % 4 === 3 ? 0 : 1))),
    );
    const indexes = appends.flatMap((append) => (append.kind === 'appended' ? [append.index] : []));
    expect(indexes).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(commits).toEqual([1, 29]);
  });

  it('lets a decision through that is made again while changes keep coming, and the changes too', async () => {
    const log = await open();
    let puts = 0;
    let decided = false;
    const register = async (): Promise<void> => {
      while (!decided) await log.appendState(() => ok([contractPut(`s${puts++}`)]));
    };
    const registering = [register(), register(), register()];
    for (let n = 0; n < 50; n += 1) {
      let tries = 0;
      for (let append = 'stale'; append === 'stale'; tries += 1) {
        append = (await log.appendDecision(decision(`d${n}`, log.view.folded.state.as_of))).kind;
      }
      expect(tries).toBeLessThanOrEqual(2);
    }
    decided = true;
    await Promise.all(registering);
    expect(log.view.snapshot.ids.length).toBeGreaterThan(10);
  });

  it('appends nothing when the checks or the snapshot refuse', async () => {
    const log = await open();
    expect(await log.appendState(() => err('conflict'))).toEqual({ ok: false, error: 'conflict' });
    const refused = await log.appendState(() => ok([contractPut('unbuildable')]));
    expect(refused).toEqual({ ok: false, error: [{ code: 'bad', path: '', message: 'no' }] });
    expect(log.size).toBe(1);
  });

  it('makes state entries for the state that is current when their turn comes', async () => {
    const log = await open();
    const once = () =>
      log.appendState((view) =>
        view.folded.state.contracts.length === 0 ? ok([contractPut('a')]) : err('there already'),
      );
    const results = await Promise.all([once(), once(), once()]);
    expect(results.map((result) => result.ok)).toEqual([true, false, false]);
  });

  it.each(['before', 'after'] as const)(
    'goes on with what the store has after a commit that failed %s it was written',
    async (mode) => {
      const storage = failing(memoryStorage());
      const log = await open(storage);
      storage.next.push(mode);
      await expect(log.appendState(() => ok([contractPut('a')]))).rejects.toMatchObject({
        code: 'storage_failed',
      });
      const asOf = mode === 'after' ? 2 : 1;
      expect(await log.appendDecision(decision('d', asOf))).toEqual({ kind: 'appended', index: asOf });
      expect(log.view.snapshot.ids).toEqual(mode === 'after' ? ['a'] : []);
    },
  );

  it('sees what another writer appended, and decides again on it', async () => {
    const storage = memoryStorage();
    const [one, two] = [await open(storage), await open(storage)];
    await one.appendState(() => ok([contractPut('a')]));
    expect(await two.appendDecision(decision('d', 1))).toEqual({ kind: 'stale' });
    expect(two.view.snapshot.ids).toEqual(['a']);
    expect(await two.appendDecision(decision('d', 2))).toEqual({ kind: 'appended', index: 2 });
    const put = await one.appendState((view) => ok([contractPut(`after-${view.folded.size}`)]));
    expect(put).toMatchObject({ ok: true, value: { from: 3 } });
  });

  it('comes back from its entries alone, and gives the state at any size', async () => {
    const storage = memoryStorage();
    const log = await open(storage);
    for (let i = 0; i < 300; i += 1) {
      await log.appendState(() => ok([contractPut(`s${String(i).padStart(3, '0')}`)]));
      if (i % 3 === 0) await log.appendDecision(decision(`d${i}`, log.view.folded.state.as_of));
    }
    const again = await open(storage);
    expect(again.view).toEqual(log.view);
    expect(await stateAt(storage, log.view.folded.state.as_of)).toEqual(log.view.folded.state);
    expect((await stateAt(storage, 2)).contracts.map((contract) => contract.id)).toEqual(['s000']);
    await expect(stateAt(storage, 3)).rejects.toMatchObject({ code: 'storage_failed' });
  });
});
