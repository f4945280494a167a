import { deserialize, serialize } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import { Audit } from '../../../src/auditor/audit.js';
import { LocalChecker } from '../../../src/auditor/decision-check.js';
import type { Progress } from '../../../src/auditor/progress.js';
import { reportOf } from '../../../src/auditor/report.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import type { LogEntry } from '../../../src/log/entry.js';
import { verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { entriesOf, liveLog, operatorKey } from '../../generators/lived-log.js';
import { type Published, publishLog } from '../../generators/published-log.js';
import { assertion, audited, auditPlan, beginAudit } from '../../support/audited.js';

const key = operatorKey();
const vkey = verifierKeyOf(key);
let entries: readonly LogEntry[];
let log: Published;

beforeAll(async () => {
  entries = await entriesOf(
    await liveLog({ seed: 5, decisions: 250, services: 30, rules: 20, changeEvery: 10 }),
  );
  log = publishLog(entries, key);
}, 120_000);

interface Attempt {
  readonly index: number;
  readonly decided: number;
  readonly service: string;
}

/** Every attempt of the log, told from the entries alone. */
function attempts(): readonly Attempt[] {
  const decided = new Map<string, number>();
  return entries.flatMap((entry, index): Attempt[] => {
    if (entry.kind === 'decision') decided.set(entry.certificate.id, index);
    const id =
      entry.kind === 'decision' ? entry.certificate.id : entry.kind === 'attempt' ? entry.decision : '';
    const service =
      entry.kind === 'decision'
        ? entry.attempt?.service
        : entry.kind === 'attempt'
          ? entry.service
          : undefined;
    const at = decided.get(id);
    return service === undefined || at === undefined
      ? []
      : [{ index, decided: at, service: service.service }];
  });
}

describe('an assertion', () => {
  it('that is true is reported with its coverage, from the first entry to the root', async () => {
    const plan = auditPlan(vkey, { assertions: [assertion('service.alignment.risk_ppm < 500000')] });
    const report = await audited(log, plan);
    const coverage = attempts().length;
    expect(coverage).toBeGreaterThan(100);
    expect(report.assertions).toEqual([
      { text: 'service.alignment.risk_ppm < 500000', attempts: coverage, counterexamples: 0 },
    ]);
    expect([report.holds, report.read, report.log.size]).toEqual([true, entries.length, entries.length]);
  });

  it('that is false of some attempts names each of them, those of fallbacks too', async () => {
    // Of a service that was called at rank 1: its attempt has an entry of its own.
    const { service } = entries.find((entry) => entry.kind === 'attempt')?.service ?? { service: '' };
    const text = `service.id != "${service}"`;
    const report = await audited(log, auditPlan(vkey, { assertions: [assertion(text)] }));
    const expected = attempts().filter((each) => each.service === service);
    const found = report.faults.first.map(({ code, index }) => `${code} ${index}`);
    expect(found).toEqual(expected.map(({ index }) => `assertion_false ${index}`));
    expect(report.assertions[0]?.counterexamples).toBe(expected.length);
    expect(expected.some(({ index }) => entries[index]?.kind === 'attempt')).toBe(true);
  });

  it('that errs on an attempt has a counterexample there', async () => {
    const report = await audited(log, auditPlan(vkey, { assertions: [assertion('context.nothing == "x"')] }));
    expect(report.faults.by_code).toEqual({ assertion_error: attempts().length });
  });

  it('is evaluated on the contract in force, not on the one of today', async () => {
    // Versions 2.0.n were put while the log was written; every decision on one of them says so itself.
    const report = await audited(
      log,
      auditPlan(vkey, { assertions: [assertion('service.version == "1.0.0"')] }),
    );
    const newer = attempts().filter(({ index }) => {
      const entry = entries[index] as LogEntry;
      const reference =
        entry.kind === 'decision'
          ? entry.attempt?.service
          : entry.kind === 'attempt'
            ? entry.service
            : undefined;
      return reference?.version !== '1.0.0';
    });
    expect(newer.length).toBeGreaterThan(0);
    expect(report.faults.by_code).toEqual({ assertion_false: newer.length });
  });
});

describe('the range', () => {
  it('bounds which decisions are checked and asserted, not what is read', async () => {
    const [from, to] = [150, 260];
    const plan = auditPlan(vkey, { from, to, assertions: [assertion('service.id == "none"')] });
    const report = await audited(log, plan);
    const decided = entries.filter(({ kind }, i) => kind === 'decision' && i >= from && i < to).length;
    const inRange = attempts().filter(({ decided: index }) => index >= from && index < to);
    expect(report.decisions.checked).toBe(decided);
    expect(report.assertions[0]).toMatchObject({ attempts: inRange.length, counterexamples: inRange.length });
    expect(report.read).toBe(entries.length);
  });
});

describe('level 3', () => {
  it('derives every certificate anew', async () => {
    const report = await audited(log, auditPlan(vkey, { level: 3 }));
    expect([report.holds, report.decisions.optimal]).toEqual([true, 250]);
  });

  it('of a sample draws by the seed and the root, and says what that is worth', async () => {
    const sampled = (seed: string, of = log) => audited(of, auditPlan(vkey, { sample: { size: 20, seed } }));
    const [one, same, other] = [await sampled('a'), await sampled('a'), await sampled('b')];
    expect(one.decisions.sample).toEqual({ size: 20, seed: 'a', at_most_ppm: 230_259 });
    expect(one.decisions.optimal).toBeGreaterThanOrEqual(20);
    expect(one.decisions.optimal).toBeLessThan(250);
    expect(canonicalText(same)).toBe(canonicalText(one));
    expect(canonicalText(other)).not.toBe(canonicalText(one));
  });

  it('finds what level 2 cannot: a better service left out of the ranking', async () => {
    const index = entries.findIndex(
      (entry) => entry.kind === 'decision' && entry.certificate.ranking.best.length > 3,
    );
    const entry = entries[index];
    if (entry?.kind !== 'decision') throw new Error('no decision with a long ranking');
    const { certificate } = entry;
    const { ranking } = certificate;
    // The last of the ranking is exchanged for another service, with terms that only the whole state contradicts.
    const last = ranking.best.at(-1);
    if (last === undefined) throw new Error('no ranking');
    const best = [...ranking.best.slice(0, -1), { ...last, service: 'zz-none' }];
    const lie = { ...entry, certificate: { ...certificate, ranking: { ...ranking, best } } };
    const tampered = publishLog(entries.toSpliced(index, 1, lie as LogEntry), key);
    const two = await audited(tampered, auditPlan(vkey));
    expect(two.faults.first.some((fault) => fault.code === 'decision_wrong')).toBe(false);
    const three = await audited(tampered, auditPlan(vkey, { level: 3 }));
    expect(three.faults.first).toContainEqual(
      expect.objectContaining({ code: 'decision_wrong', index, detail: 'ranking_wrong' }),
    );
  });
});

describe('an audit that was interrupted', () => {
  it('gives the report that it would have given', async () => {
    const plan = auditPlan(vkey, {
      assertions: [assertion('service.alignment.risk_ppm < 250000')],
      sample: { size: 10, seed: 's' },
      listed: 7,
    });
    const whole = await audited(log, plan);
    let progress: Progress = await beginAudit(log, plan);
    let stops = 0;
    // After every bundle all is written down, and another audit goes on from what is read back.
    while (!(await new Audit(log.source, plan, new LocalChecker(), progress).run(() => true))) {
      stops += 1;
      progress = deserialize(serialize(progress)) as Progress;
    }
    expect(stops).toBeGreaterThan(0);
    expect(canonicalText(reportOf(progress, plan))).toBe(canonicalText(whole));
    expect(whole.faults.total).toBeGreaterThan(7);
    expect(whole.faults.first).toHaveLength(7);
  });
});

describe('without a key', () => {
  it('the one that the log names counts, and the report says so', async () => {
    const { key: _, ...plan } = auditPlan(vkey);
    const report = await audited(log, plan);
    expect(report.log).toMatchObject({ key: vkey, key_from: 'genesis', signed: true });
    expect(report.attested.join()).toMatch(/the log names it itself/);
  });
});
