import { beforeAll, describe, expect, it } from 'vitest';
import { Audit } from '../../../src/auditor/audit.js';
import { LocalChecker } from '../../../src/auditor/decision-check.js';
import { type AuditReport, reportOf } from '../../../src/auditor/report.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import type { LogEntry } from '../../../src/log/entry.js';
import { verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { entriesOf, liveLog, operatorKey } from '../../generators/lived-log.js';
import { publishLog } from '../../generators/published-log.js';
import { assertion, auditPlan, beginAudit } from '../../support/audited.js';

const key = operatorKey();
let entries: readonly LogEntry[];

beforeAll(async () => {
  // One decision in 20 s: of some thirty the span is not over.
  const life = { seed: 17, decisions: 250, services: 30, rules: 10, changeEvery: 50, stepMicros: 20_000_000 };
  entries = await entriesOf(await liveLog(life));
}, 120_000);

/** An audit that forgets after each bundle, or never; its report, and how many decisions and answers it remembered at the end. */
async function auditedThat(forgets: boolean, log: readonly LogEntry[]) {
  const published = publishLog(log, key);
  const texts = ['service.alignment.risk_ppm < 250000', 'context.nothing == "x"'];
  const plan = auditPlan(verifierKeyOf(key), { assertions: texts.map(assertion), listed: 10_000 });
  const progress = await beginAudit(published, plan);
  const lookAt = forgets ? 0 : Number.POSITIVE_INFINITY;
  progress.lookAt = lookAt;
  await new Audit(published.source, plan, new LocalChecker(), progress).run(({ memory }) => {
    progress.lookAt = lookAt;
    if (memory !== undefined) memory.lookAt = lookAt;
    return false;
  });
  return {
    report: reportOf(progress, plan),
    decisions: progress.memory?.decisions.size ?? 0,
    untrue: progress.untrue.size,
  };
}

/** The same report of both, and what is told of entry `index` in it. */
async function codesAt(index: number, log: readonly LogEntry[]): Promise<readonly string[]> {
  const [one, other] = [await auditedThat(true, log), await auditedThat(false, log)];
  expect(canonicalText(one.report)).toBe(canonicalText(other.report));
  expect(one.decisions).toBeLessThan(other.decisions);
  return codesOf(one.report, index);
}

function codesOf({ faults }: AuditReport, index: number): readonly string[] {
  const codes = faults.first.filter((fault) => fault.index === index).map(({ code }) => code);
  return codes.filter((code) => !code.startsWith('assertion_'));
}

const behind = (...more: readonly LogEntry[]): LogEntry[] => [...entries, ...more];
const firstOf = (kind: 'attempt' | 'decision'): number => entries.findIndex((entry) => entry.kind === kind);

describe('an audit that forgets', () => {
  it('gives the report of one that never does, and remembers less', async () => {
    const [one, other] = [await auditedThat(true, entries), await auditedThat(false, entries)];
    expect(canonicalText(one.report)).toBe(canonicalText(other.report));
    expect(Object.keys(one.report.faults.by_code).sort()).toEqual(['assertion_error', 'assertion_false']);
    expect(one.report.attempts.without_outcome).toBeGreaterThan(0);
    expect(other.decisions).toBe(250);
    expect(one.decisions).toBeLessThan(200);
    expect(one.untrue).toBeLessThan(other.untrue);
  });

  it('finds a decision again, whether it is remembered or not', async () => {
    const index = firstOf('decision');
    const first = entries[index] as Extract<LogEntry, { kind: 'decision' }>;
    const again = entries.toSpliced(index + 1, 0, first);
    expect(await codesAt(index + 1, again)).toContain('decision_twice');
    const now = entries.at(-1)?.time ?? 0;
    for (const entry of [first, { ...first, time: now }]) {
      const codes = await codesAt(entries.length, behind(entry));
      expect(codes).toContain('backdated');
      expect(codes).not.toContain('decision_twice');
    }
  });

  it('finds an attempt and an outcome behind the span, though both would be right in it', async () => {
    const from = firstOf('attempt');
    const at = entries.findIndex((entry, i) => i > from && entry.kind === 'outcome');
    const [attempt, outcome] = [entries[from], entries[at]];
    if (attempt?.kind !== 'attempt' || outcome?.kind !== 'outcome') throw new Error('no fallback');
    expect([outcome.decision, outcome.rank]).toEqual([attempt.decision, attempt.rank]);
    const time = entries.at(-1)?.time ?? 0;
    const moved = entries.filter((entry) => entry !== attempt && entry !== outcome);
    const late = [...moved, { ...attempt, time }, { ...outcome, time }];
    expect(await codesAt(moved.length, late)).toEqual(['attempt_without_decision']);
    expect(await codesAt(moved.length + 1, late)).toEqual(['outcome_without_attempt']);
  });
});
