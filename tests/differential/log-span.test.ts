import { describe, expect, it } from 'vitest';
import { benchInputs, benchState } from '../../bench/decide-world.js';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { Fault } from '../../src/kernel/errors.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import { type AttemptEntry, entryType, type LogEntry, type OutcomeEntry } from '../../src/log/entry.js';
import type { Log } from '../../src/log/log.js';
import { decide } from '../../src/orchestrator/decide.js';
import type { Snapshot } from '../../src/orchestrator/snapshot.js';
import { verifierKeyOf } from '../../src/proofs/signing-key.js';
import { openServerLog } from '../../src/server/open-server-log.js';
import { entriesOf, operatorKey, outcomeOf, start } from '../generators/lived-log.js';
import { publishLog } from '../generators/published-log.js';
import { Random } from '../generators/random.js';
import { audited, auditPlan } from '../support/audited.js';
import { seed } from '../support/seed.js';

const second = 1_000_000;

interface Instance {
  readonly log: Log<Snapshot>;
  /** How far its clock is ahead of the others'. */
  readonly ahead: number;
}

/** What an instance has still to append of a decision, and when it comes to it. */
interface Left {
  readonly at: number;
  readonly by: Instance;
  readonly make: (time: number) => AttemptEntry | OutcomeEntry;
  readonly spanEnd: number;
}

/**
 * Instances whose clocks differ by less than 300 s write one log. Attempts at fallbacks and outcomes come after seconds mostly, and some after up to an
 * hour: of a machine that slept. `asked`: whether the log is told to which span they belong.
 */
async function live(stream: number, asked: boolean) {
  const random = new Random(seed, stream);
  const storage = memoryStorage();
  const { contracts, policies } = benchState(60, 10);
  const setup = { parameters: defaultParameters, contracts, policies };
  let now = start;
  const open = async (ahead: number): Promise<Instance> => {
    const clock = { wallMicros: () => now + ahead, monotonicMicros: () => now };
    const opened = await openServerLog(storage, operatorKey(), clock, setup);
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    return { log: opened.value, ahead };
  };
  const instances = [await open(0), await open(299 * second), await open(random.integer(0, 299) * second)];
  const inputs = benchInputs(150);
  const left: Left[] = [];
  const count = { appended: 0, refused: 0 };
  for (let i = 0; i < 150; i += 1) {
    now += second * random.pick([1, 5, 30, 120]);
    await comeTo(left, now, asked, count);
    const by = random.pick(instances);
    // As its next look at the store does: a decision on an outdated state would only be made again.
    await by.log.refresh();
    const { caller, ...rest } = inputs[i] as (typeof inputs)[number];
    const drawn = { caller: { ...caller, expires: 2 * start }, time: now + by.ahead, seed: i } as const;
    const made = decide({ ...rest, ...drawn, seedOrigin: 'caller' }, by.log.view.snapshot);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const { certificate, chain } = made.value;
    const { outcome, id: decision, inputs: decided } = certificate;
    const entry = { type: entryType, kind: 'decision', time: decided.time, certificate } as const;
    if (outcome.decision === 'refused') {
      await by.log.appendDecision(entry);
      continue;
    }
    const appended = await by.log.appendDecision({
      ...entry,
      attempt: { rank: 0, service: outcome.selected },
    });
    if (appended.kind !== 'appended' || appended.spanEnd === undefined) throw new Error(appended.kind);
    const { spanEnd } = appended;
    const later = (make: Left['make']) =>
      left.push({ at: now + second * random.pick([0, 3, 40, 500, 640, 3_600]), by, make, spanEnd });
    for (const [rank, service] of outcome.chain.entries()) {
      const contract = chain[rank];
      if (contract === undefined) throw new Error('no contract');
      if (rank > 0) later((time) => ({ type: entryType, kind: 'attempt', time, decision, rank, service }));
      const measured = { result: 'aborted', latency_micros: 7 } as const;
      // Outcomes of fallbacks come with their attempts, or else they have none.
      if (rank === 0) later((time) => outcomeOf(decision, outcome, rank, contract, measured, time));
    }
  }
  const entries: readonly LogEntry[] = await entriesOf(instances[0]?.log as Log<Snapshot>);
  return { entries, count };
}

async function comeTo(
  left: Left[],
  now: number,
  asked: boolean,
  count: { appended: number; refused: number },
) {
  const due = left.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  left.splice(0, left.length, ...left.filter(({ at }) => at > now));
  for (const { by, make, spanEnd } of due) {
    try {
      await by.log.appendEvents([make(now + by.ahead)], asked ? spanEnd : undefined);
      count.appended += 1;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'upstream_timeout') throw error;
      count.refused += 1;
    }
  }
}

describe('a log that instances with clocks of their own wrote, some of them stalled', () => {
  const key = operatorKey();
  const audit = (entries: readonly LogEntry[]) =>
    audited(publishLog(entries, key), auditPlan(verifierKeyOf(key)));

  it('holds: what would stand behind the span of its decision was not appended', async () => {
    const total = { appended: 0, refused: 0 };
    for (const stream of [1, 2, 3]) {
      const { entries, count } = await live(stream, true);
      expect((await audit(entries)).faults.first, `seed ${seed}, stream ${stream}`).toEqual([]);
      total.appended += count.appended;
      total.refused += count.refused;
    }
    expect(Math.min(total.appended, total.refused)).toBeGreaterThan(20);
  }, 120_000);

  it('would not hold if it were appended', async () => {
    const { entries, count } = await live(1, false);
    const { by_code: found } = (await audit(entries)).faults;
    expect(count.refused).toBe(0);
    expect(Object.keys(found).filter((code) => code !== 'attempt_without_decision')).toEqual([
      'outcome_without_attempt',
    ]);
  }, 120_000);
});
