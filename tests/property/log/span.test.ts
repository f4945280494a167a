import { describe, expect, it } from 'vitest';
import { takeEntry } from '../../../src/verifier/log-fold.js';
import { Random } from '../../generators/random.js';
import {
  attempted,
  begunLog,
  type Decided,
  decided,
  type ExecutionEntry,
  ended,
  serviceAt,
} from '../../generators/spans.js';
import { seed } from '../../support/seed.js';

const second = 1_000_000;

/**
 * A log of any course: clocks that go on and back by little and by much, decisions again, attempts and outcomes at any distance from their decision,
 * of decisions that are there or not.
 */
function drawLog(random: Random): readonly ExecutionEntry[] {
  const entries: ExecutionEntry[] = [];
  const known: Decided[] = [];
  let now = 10_000 * second;
  const some = (): Decided => random.pick(random.chance(0.5) ? known.slice(-3) : known);
  for (let i = 0; i < 60; i += 1) {
    now += second * random.pick([0, 0, 1, 1, 20, 20, 100, 300, 601, 630]);
    const time = now - second * random.pick([0, 0, 0, 0, 0, 0, 100, 299, 301, 700]);
    const rank = random.integer(0, 2);
    const kind =
      known.length === 0
        ? 'decide'
        : random.pick(['decide', 'decide', 'again', 'attempt', 'attempt', 'outcome', 'outcome', 'none']);
    if (kind === 'decide') {
      const own = random.chance(0.1) ? { decidedAt: time + second * random.integer(-400, 1_000) } : {};
      const deadlineMicros = second * random.pick([0, 30, 400]);
      const drawn = { id: `d${i}`, time, ...own, services: random.integer(0, 3), deadlineMicros };
      known.push(drawn);
      const entry = decided(drawn);
      const riding = drawn.services > 0 && random.chance(0.7);
      entries.push(riding ? { ...entry, attempt: { rank: 0, service: serviceAt(0) } } : entry);
    }
    // An id covers the time of its decision; the entry may say another.
    if (kind === 'again') {
      const { time: first, decidedAt = first, ...again } = some();
      entries.push(decided({ ...again, time: random.pick([first, time]), decidedAt }));
    }
    if (kind === 'attempt') entries.push(attempted(some().id, rank, time));
    if (kind === 'outcome') entries.push(ended(some().id, rank, time));
    if (kind === 'none') entries.push(attempted('none', rank, time));
  }
  return entries;
}

/** What the fold says when decisions are forgotten at each step, when it is worth it, or never. */
function faultsOf(entries: readonly ExecutionEntry[], forget: 'always' | 'as it does' | 'never'): string[] {
  const memory = begunLog();
  return entries.flatMap((entry) => {
    if (forget === 'always') memory.lookAt = 0;
    if (forget === 'never') memory.lookAt = Number.POSITIVE_INFINITY;
    return takeEntry(memory, entry).map(({ code, index }) => `${index} ${code}`);
  });
}

/** Sections 3.2 to 3.4, 3.9 and 8 of the log calculus word for word, looking at all entries before each one anew. */
function plainFaults(behind: readonly ExecutionEntry[]): string[] {
  const entries: readonly (ExecutionEntry | undefined)[] = [undefined, ...behind];
  const timesOf = (entry: ExecutionEntry | undefined): number[] =>
    entry?.kind === 'decision' ? [entry.time, entry.certificate.inputs.time] : [entry?.time ?? 0];
  const clock = (n: number): number =>
    Math.max(
      0,
      ...entries.slice(0, n).flatMap((entry) => (entry?.kind === 'decision' ? timesOf(entry).slice(1) : [])),
    );
  const isOver = (i: number, n: number): boolean => {
    const entry = entries[i];
    if (entry?.kind !== 'decision') return true;
    const { outcome } = entry.certificate;
    const deadline = outcome.decision === 'refused' ? 0 : outcome.promise.deadline_micros;
    return clock(n) > clock(i + 1) + deadline + 600 * second;
  };
  const standing: number[] = [];
  const attempts = new Set<string>();
  const outcomes = new Set<string>();
  const faults: string[] = [];
  const decisionOf = (id: string, n: number): number | undefined =>
    standing.find((i) => {
      const entry = entries[i];
      return entry?.kind === 'decision' && entry.certificate.id === id && !isOver(i, n);
    });
  const attempt = (id: string, rank: number, n: number): string | undefined => {
    const decision = decisionOf(id, n);
    const entry = decision === undefined ? undefined : entries[decision];
    if (entry?.kind !== 'decision') return 'attempt_without_decision';
    if (attempts.has(`${decision} ${rank}`)) return 'attempt_twice';
    const { outcome } = entry.certificate;
    if (outcome.decision === 'refused' || rank >= outcome.chain.length) return 'attempt_outside_chain';
    attempts.add(`${decision} ${rank}`);
    return undefined;
  };
  for (const [n, entry] of entries.entries()) {
    if (entry === undefined) continue;
    const found: (string | undefined)[] = [];
    const latest = Math.max(1, ...entries.slice(0, n).flatMap(timesOf));
    if (Math.min(...timesOf(entry)) < latest - 300 * second) found.push('backdated');
    if (entry.kind === 'attempt') found.push(attempt(entry.decision, entry.rank, n));
    if (entry.kind === 'outcome') {
      const name = `${decisionOf(entry.decision, n)} ${entry.rank}`;
      if (!attempts.has(name)) found.push('outcome_without_attempt');
      else if (outcomes.has(name)) found.push('outcome_twice');
      else outcomes.add(name);
    }
    if (entry.kind === 'decision') {
      const { id } = entry.certificate;
      if (decisionOf(id, n) !== undefined) found.push('decision_twice');
      else {
        standing.push(n);
        if (entry.attempt !== undefined) found.push(attempt(id, 0, n + 1));
      }
    }
    for (const code of found) if (code !== undefined) faults.push(`${n} ${code}`);
  }
  return faults;
}

describe('forgetting decisions whose span is over', () => {
  it('changes no fault, and they are those of the rules, in a log of any course', () => {
    const seen = new Map<string, number>();
    for (let stream = 0; stream < 1_000; stream += 1) {
      const entries = drawLog(new Random(seed, stream));
      const told = `seed ${seed}, stream ${stream}`;
      const never = faultsOf(entries, 'never');
      expect(faultsOf(entries, 'always'), told).toEqual(never);
      expect(faultsOf(entries, 'as it does'), told).toEqual(never);
      expect(never, told).toEqual(plainFaults(entries));
      for (const fault of never) {
        const code = fault.slice(fault.indexOf(' ') + 1);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }
    }
    console.log(`logs: 1000, ${JSON.stringify(Object.fromEntries(seen))}`);
    expect([...seen.keys()].sort()).toEqual([
      'attempt_outside_chain',
      'attempt_twice',
      'attempt_without_decision',
      'backdated',
      'decision_twice',
      'outcome_twice',
      'outcome_without_attempt',
    ]);
    for (const count of seen.values()) expect(count).toBeGreaterThan(200);
  });

  it('lets no second decision of an id pass, however long after the first', () => {
    let after = 0;
    for (let stream = 0; stream < 1_000; stream += 1) {
      const entries = drawLog(new Random(seed, stream));
      const faults = faultsOf(entries, 'always');
      const ids = new Set<string>();
      for (const [i, entry] of entries.entries()) {
        if (entry.kind !== 'decision') continue;
        const { id } = entry.certificate;
        if (ids.has(id)) {
          const [twice, late] = ['decision_twice', 'backdated'].map((code) =>
            faults.includes(`${i + 1} ${code}`),
          );
          expect(twice || late, `seed ${seed}, stream ${stream}, entry ${i + 1}`).toBe(true);
          if (twice === false) after += 1;
        }
        ids.add(id);
      }
    }
    expect(after).toBeGreaterThan(200);
  });
});

describe('what is remembered of a long log', () => {
  const perSecond = 20;

  /** The most decisions that are remembered at a time. */
  function mostRemembered(count: number, forget: boolean): number {
    const memory = begunLog();
    let most = 0;
    for (let i = 0; i < count; i += 1) {
      if (!forget) memory.lookAt = Number.POSITIVE_INFINITY;
      const time = 10_000 * second + (i * second) / perSecond;
      expect(
        takeEntry(memory, decided({ id: `d${i}`, time, services: 1, deadlineMicros: 30 * second })),
      ).toEqual([]);
      most = Math.max(most, memory.decisions.size);
    }
    return most;
  }

  it('is at most 5/4 of the decisions of one span, and without forgetting it is all of them', () => {
    const bound = Math.ceil(1.25 * (630 * perSecond + 2));
    expect(mostRemembered(60_000, true)).toBeLessThanOrEqual(bound);
    expect(mostRemembered(60_000, false)).toBeGreaterThan(bound);
  });
});
