import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { dropOldSnapshots } from '../../../src/log/drop-snapshots.js';
import type { Batch, Head, StoragePort } from '../../../src/log/port.js';
import { encodeSnapshot } from '../../../src/log/snapshot-codec.js';
import { readSnapshot } from '../../../src/log/state-snapshot.js';
import { type Keepable, writeSnapshot } from '../../../src/log/write-snapshot.js';
import { seed } from '../../support/seed.js';
import { storageWith } from '../../support/storage-with.js';
import { signer } from '../../unit/log/entries.js';
import { grown, keptIn, logKey, shelved } from '../../unit/log/kept-snapshots.js';

const sizes = [10, 20, 30, 40, 50, 55, 60, 65, 70, 75] as const;
/** Policies: what is about to be written has those of what is about to be dropped. */
const shelves = ['a', 'b', 'c', 'd', 'a', 'b', 'a', 'c', 'b', 'a'] as const;

let batches: readonly (readonly [Head | undefined, Batch])[];
let states: ReadonlyMap<number, Keepable>;

/** The log of 75 entries, with snapshots at the first four sizes. */
async function begun(): Promise<StoragePort> {
  const storage = memoryStorage();
  for (const [expected, batch] of batches) await storage.commit(expected, batch);
  return storage;
}

beforeAll(async () => {
  const recorded: [Head | undefined, Batch][] = [];
  const storage = memoryStorage();
  const commit: StoragePort['commit'] = (expected, batch) => {
    recorded.push([expected, batch]);
    return storage.commit(expected, batch);
  };
  const recording = storageWith(storage, { commit });
  const found = await grown(recording, sizes);
  const shelvedAt = (at: number) => shelved(found[at] as Keepable, shelves[at] as string);
  states = new Map(sizes.map((size, at) => [size, shelvedAt(at)]));
  for (const size of sizes.slice(0, 4)) {
    await writeSnapshot(recording, states.get(size) as Keepable, signer, async () => {});
  }
  batches = recorded;
});

/** The store as one of several instances has it: the scheduler says when a call has its turn. */
function scheduled(storage: StoragePort, scheduler: fc.Scheduler): StoragePort {
  const inTurn =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve(), name);
      return call(...args);
    };
  return storageWith(storage, {
    readHead: inTurn('readHead', storage.readHead),
    commit: inTurn('commit', storage.commit),
    readBlob: inTurn('readBlob', storage.readBlob),
    readBlobs: inTurn('readBlobs', storage.readBlobs),
    readIndex: inTurn('readIndex', storage.readIndex),
    scanIndex: inTurn('scanIndex', storage.scanIndex),
    scanDroppable: inTurn('scanDroppable', storage.scanDroppable),
  });
}

async function keep(storage: StoragePort, kept: readonly number[]): Promise<void> {
  for (const size of kept) {
    await writeSnapshot(storage, states.get(size) as Keepable, signer, async () => {});
    await dropOldSnapshots(storage, logKey, async () => {});
  }
}

/** What a start that begins now comes to, and whether that is what was kept. */
async function start(storage: StoragePort) {
  const warnings: string[] = [];
  const head = (await storage.readHead()) as Head;
  const resumed = await readSnapshot(storage, head, logKey, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  const { size, digest } = resumed?.statement ?? {};
  expect(digest).toBe(encodeSnapshot(states.get(size as number) as Keepable).digest);
}

/** Two instances keep and drop snapshots, a third one starts, in an order that is drawn; `of`: the store as each has it. */
function property(of: (storage: StoragePort) => StoragePort) {
  return fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const storage = await begun();
    const instance = () => scheduled(of(storage), scheduler);
    await scheduler.waitFor(
      Promise.all([keep(instance(), [50, 60, 70]), keep(instance(), [55, 65, 75]), start(instance())]),
    );
    expect((await keptIn(storage)).faults).toEqual([]);
    // Whoever was last at it may have left it to the other.
    await dropOldSnapshots(storage, logKey, async () => {});
    expect(await keptIn(storage)).toMatchObject({ sizes: [60, 65, 70, 75], unnamed: [], faults: [] });
  });
}

describe('snapshots that several instances keep, drop and start from at once', () => {
  it('are whole as long as they are there, and a start finds one', async () => {
    await fc.assert(
      property((storage) => storage),
      { seed, numRuns: 40 },
    );
  }, 60_000);

  it('would not be in a store that did not look at the edition', async () => {
    const blind = (storage: StoragePort) =>
      storageWith(storage, {
        commit: (expected, { onlyIf: _, ...batch }) => storage.commit(expected, batch),
      });
    const run = await fc.check(property(blind), { seed, numRuns: 150, endOnFailure: true });
    expect(run.failed).toBe(true);
    expect(String(run.errorInstance)).toMatch(/is missing|faults|deeply equal|match object/);
  }, 60_000);
});
