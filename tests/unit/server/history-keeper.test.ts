import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../../../src/kernel/result.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import type { LogEntry } from '../../../src/log/entry.js';
import type { Log } from '../../../src/log/log.js';
import { openLog } from '../../../src/log/open-log.js';
import type { StoragePort } from '../../../src/log/port.js';
import { dueEntries, type HistoryKeeper, historyKeeper } from '../../../src/server/history-keeper.js';
import { faultyStorage } from '../../support/faulty-storage.js';
import { contractPut, genesis, outcome, signer } from '../log/entries.js';

const parameters = {
  ...genesis.parameters,
  history: { epoch_trials: 4, epoch_micros: 1_000 },
  breaker: { failures: 3, cooldown_micros: 100 },
};
/** Longer than any test: what is tended is tended because it was told. */
const never = 1e9;
const keepers: HistoryKeeper[] = [];
let now = 10;

afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()));
  now = 10;
});

async function open(storage: StoragePort): Promise<Log<null>> {
  const options = { storage, buildSnapshot: () => ok(null), signer };
  const log = await openLog(options, { ...genesis, parameters });
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  return log.value;
}

function keep(log: Log<null>, onFault: (fault: unknown) => void = () => {}): HistoryKeeper {
  const keeper = historyKeeper({ log, clock: { wallMicros: () => now }, everyMillis: never, onFault });
  keepers.push(keeper);
  return keeper;
}

async function tended(keeper: HistoryKeeper): Promise<void> {
  keeper.tend();
  await keeper.idle();
}

async function kindsOf(log: Log<null>): Promise<string[]> {
  const entries: (LogEntry | undefined)[] = [];
  for (let index = 0; index < log.size; index += 1) entries.push(await log.read(index));
  return entries.flatMap((entry) => {
    if (entry?.kind === 'history.epoch') return [`epoch ${entry.epoch}`];
    if (entry?.kind === 'availability.put') return [`${entry.service} ${entry.state}`];
    return [];
  });
}

const failures = (service: string, count: number) =>
  Array.from({ length: count }, () => outcome(service, 'failed'));

describe('the keeper of the history', () => {
  it('does nothing while nothing is due', async () => {
    const log = await open(memoryStorage());
    await log.appendEvents([outcome('a', 'answered'), ...failures('a', 2)]);
    await tended(keep(log));
    expect(log.size).toBe(4);
  });

  it('closes an epoch and opens a breaker in one look, and each only once', async () => {
    const log = await open(memoryStorage());
    const keeper = keep(log);
    await log.appendState(() => ok([contractPut('a')]));
    await log.appendEvents([outcome('b', 'answered'), ...failures('a', 3)]);
    await tended(keeper);
    await tended(keeper);
    expect(await kindsOf(log)).toEqual(['epoch 1', 'a held_out']);
    now += 100;
    await tended(keeper);
    expect(await kindsOf(log)).toEqual(['epoch 1', 'a held_out', 'a available']);
  });

  it('closes an epoch when its time is over', async () => {
    const log = await open(memoryStorage());
    const keeper = keep(log);
    await log.appendEvents([outcome('a', 'answered')]);
    now = 1_000;
    await tended(keeper);
    expect(await kindsOf(log)).toEqual([]);
    now = 1_001;
    await tended(keeper);
    expect(await kindsOf(log)).toEqual(['epoch 1']);
  });

  it('shares a log with others: each entry stands once, whoever is first', async () => {
    const storage = memoryStorage();
    const logs = [await open(storage), await open(storage), await open(storage)];
    const tend = () =>
      Promise.all(
        logs.map(async (log) => {
          await log.appendEvents([outcome('b', 'answered')]);
          await tended(keep(log));
        }),
      );
    await logs[0]?.appendState(() => ok([contractPut('a')]));
    await logs[0]?.appendEvents(failures('a', 3));
    await tend();
    await tend();
    const [last] = logs;
    await last?.appendEvents([outcome('b', 'answered')]);
    const kinds = await kindsOf(last as Log<null>);
    expect(kinds.filter((kind) => kind === 'a held_out')).toHaveLength(1);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds.filter((kind) => kind.startsWith('epoch'))).toEqual(['epoch 1', 'epoch 2']);
  });

  it.each(['did not persist', 'did persist'] as const)(
    'tries again where the store failed (%s), and tells whoever watches',
    async (mode) => {
      const storage = faultyStorage(memoryStorage());
      const log = await open(storage);
      await log.appendEvents([outcome('b', 'answered'), ...failures('b', 3)]);
      const faults: unknown[] = [];
      const keeper = keep(log, (fault) => faults.push(fault));
      storage.plant(0, mode);
      await tended(keeper);
      expect(faults).toHaveLength(1);
      await tended(keeper);
      // Where the store has it, the log has not seen it yet: any append makes it look.
      await log.appendEvents([outcome('b', 'answered')]);
      expect(await kindsOf(log)).toEqual(['epoch 1']);
      expect(faults).toHaveLength(1);
    },
  );

  it('looks again when it is told while it looks, and no more once it is stopped', async () => {
    const log = await open(memoryStorage());
    const keeper = keep(log);
    await log.appendEvents([outcome('a', 'answered'), ...failures('a', 3)]);
    keeper.tend();
    const appended = log.appendEvents([outcome('a', 'answered'), ...failures('a', 3)]);
    keeper.tend();
    await appended;
    await tended(keeper);
    expect(dueEntries(log.view.folded, now)).toEqual([]);
    await keeper.stop();
    await log.appendEvents([outcome('a', 'answered'), ...failures('a', 3)]);
    const { size } = log;
    await tended(keeper);
    expect(log.size).toBe(size);
    expect(dueEntries(log.view.folded, now)).toHaveLength(1);
  });
});
