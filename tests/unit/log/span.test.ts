import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../../src/contracts/certificate.js';
import type { State } from '../../../src/contracts/state.js';
import { Fault } from '../../../src/kernel/errors.js';
import { ok } from '../../../src/kernel/result.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import type { DecisionEntry } from '../../../src/log/entry.js';
import { openLog } from '../../../src/log/open-log.js';
import { attempt, decision, genesis, outcome, signer } from './entries.js';

const second = 1_000_000;
const deadline = 30 * second;
/** Section 3.9 of the log calculus, of a decision of that time in a log without a later one. */
const lastOf = (time: number) => time + deadline + 600 * second;

const buildSnapshot = (state: State) => ok(state.as_of);

async function open(storage = memoryStorage()) {
  const log = await openLog({ storage, buildSnapshot, signer }, genesis);
  if (!log.ok) throw new Error('not opened');
  return log.value;
}

function executed(id: string, time: number): DecisionEntry {
  const { certificate, ...entry } = decision(id, 1);
  const inputs = { ...certificate.inputs, time };
  const selected = attempt(id, 's').service;
  const outcome = { decision: 'routed', selected, promise: { deadline_micros: deadline } };
  const { rank, service } = attempt(id, 's');
  return {
    ...entry,
    time,
    certificate: { ...certificate, inputs, outcome } as unknown as Certificate,
    attempt: { rank, service },
  };
}

async function spanEndOf(log: Awaited<ReturnType<typeof open>>, entry: DecisionEntry): Promise<number> {
  const appended = await log.appendDecision(entry);
  if (appended.kind !== 'appended' || appended.spanEnd === undefined) throw new Error(appended.kind);
  return appended.spanEnd;
}

const over = { code: 'upstream_timeout', retryable: false };

describe('attempts and outcomes of a decision', () => {
  it('are appended until the clock of the log is past its span, and not any more then', async () => {
    const log = await open();
    const spanEnd = await spanEndOf(log, executed('d', 100));
    expect(spanEnd).toBe(lastOf(100));
    await log.appendDecision(executed('at the end', spanEnd));
    expect(await log.appendEvents([attempt('d', 's')], spanEnd)).toMatchObject({ index: 3 });
    await log.appendDecision(executed('behind it', spanEnd + 1));
    await expect(log.appendEvents([attempt('d', 's')], spanEnd)).rejects.toMatchObject(over);
    await expect(log.appendEvents([outcome('s', 'failed')], spanEnd)).rejects.toBeInstanceOf(Fault);
    expect(log.size).toBe(5);
  });

  it('are held against the clock of the log as other instances have moved it', async () => {
    const storage = memoryStorage();
    const [one, other] = [await open(storage), await open(storage)];
    const spanEnd = await spanEndOf(one, executed('d', 100));
    await other.appendDecision(executed('e', spanEnd + 1));
    // This instance has not seen the other's decision: the commit shows it, and what waited is looked at again.
    await expect(one.appendEvents([attempt('d', 's')], spanEnd)).rejects.toMatchObject(over);
    expect([one.size, other.size]).toEqual([3, 3]);
  });

  it('are held against the decisions in front of them in their batch', async () => {
    const log = await open();
    const spanEnd = await spanEndOf(log, executed('d', 100));
    // The first goes by itself; the others gather behind it.
    const appends = await Promise.allSettled([
      log.appendEvents([attempt('d', 's')], spanEnd),
      log.appendEvents([outcome('s', 'failed')], spanEnd),
      log.appendDecision(executed('e', spanEnd + 1)),
      log.appendEvents([outcome('s', 'failed')], spanEnd),
      log.appendEvents([outcome('s', 'failed')]),
    ]);
    expect(appends.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(log.size).toBe(6);
  });

  it('have their span from the clock of the log on, where another instance’s is far ahead', async () => {
    const storage = memoryStorage();
    const [one, ahead] = [await open(storage), await open(storage)];
    const day = 86_400 * second;
    await ahead.appendDecision(executed('ahead', day));
    const spanEnd = await spanEndOf(one, executed('d', 100));
    expect(spanEnd).toBe(lastOf(day));
    await expect(one.appendEvents([attempt('d', 's')], spanEnd)).resolves.toMatchObject({ index: 3 });
  });

  it('are held against the same clock after a restart', async () => {
    const storage = memoryStorage();
    const before = await open(storage);
    const spanEnd = await spanEndOf(before, executed('d', 100));
    await before.appendDecision(executed('e', spanEnd + 1));
    const after = await open(storage);
    await expect(after.appendEvents([attempt('d', 's')], spanEnd)).rejects.toMatchObject(over);
  });
});
