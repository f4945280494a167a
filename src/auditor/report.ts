import type { LogFault, LogFaultCode } from '../verifier/log-fault.js';
import { toHex } from '../verifier/sha256.js';
import type { AuditPlan } from './plan.js';
import type { Progress } from './progress.js';
import { sampleBoundPpm } from './sample.js';
import { type Statement, statementsOf } from './statements.js';

/** What an audit found: canonical JSON makes the same bytes of the same log and plan, however often it was interrupted. */
export interface AuditReport {
  readonly type: 'caio/audit-report/v1';
  /** Nothing that was checked is false. */
  readonly holds: boolean;
  readonly log: {
    readonly origin?: string;
    readonly size: number;
    /** In hex. */
    readonly root: string;
    readonly key?: string;
    /** `genesis`: nobody gave a key, so the one that the log names itself counted. */
    readonly key_from: 'given' | 'genesis';
    readonly signed: boolean;
    readonly witnesses: readonly string[];
    readonly since?: { readonly size: number; readonly root: string };
  };
  /** Entries read and hashed; as many as the log has, unless they ended early. */
  readonly read: number;
  readonly entries: { readonly [kind: string]: number };
  readonly range: { readonly from: number; readonly to: number };
  readonly decisions: {
    readonly checked: number;
    readonly refused: number;
    readonly level: 2 | 3;
    readonly optimal: number;
    readonly sample?: SampleReport;
  };
  readonly attempts: {
    readonly total: number;
    readonly outcomes: number;
    /** They count as disclosed. */
    readonly without_outcome: number;
    readonly not_sent: number;
  };
  readonly assertions: readonly {
    readonly text: string;
    /** On how many attempts it was evaluated. */
    readonly attempts: number;
    readonly counterexamples: number;
  }[];
  readonly statements: readonly Statement[];
  readonly attested: readonly string[];
  readonly faults: {
    readonly total: number;
    readonly by_code: { readonly [code in LogFaultCode]?: number };
    /** The first of them in log order. */
    readonly first: readonly LogFault[];
  };
}

interface SampleReport {
  readonly size: number;
  readonly seed: string;
  /** With confidence 99 %: at most so many parts per million of the decisions of the range are wrong at level 3. Absent after a fault. */
  readonly at_most_ppm?: number;
}

export function reportOf(progress: Progress, plan: AuditPlan): AuditReport {
  const { target, edge, tally, counts } = progress;
  const { origin, size, key, keyFrom, signed, witnesses, since } = target;
  return {
    type: 'caio/audit-report/v1',
    holds: tally.total === 0,
    log: {
      ...(origin === undefined ? {} : { origin }),
      size,
      root: toHex(target.root),
      ...(key === undefined ? {} : { key }),
      key_from: keyFrom,
      signed,
      witnesses,
      ...(since === undefined ? {} : { since: { size: since.size, root: toHex(since.root) } }),
    },
    read: edge.size,
    entries: sorted(progress.kinds),
    range: { from: plan.from, to: Math.min(plan.to ?? size, size) },
    decisions: {
      checked: counts.decisions,
      refused: counts.refused,
      level: plan.level,
      optimal: counts.optimal,
      ...(plan.sample === undefined ? {} : { sample: sampleReport(progress, plan.sample.seed) }),
    },
    attempts: {
      total: counts.attempts,
      outcomes: counts.outcomes,
      without_outcome: Math.max(0, counts.attempts - counts.outcomes),
      not_sent: counts.notSent,
    },
    assertions: plan.assertions.map(({ text }, i) => ({
      text,
      attempts: progress.assertions[i]?.attempts ?? 0,
      counterexamples: progress.assertions[i]?.counterexamples ?? 0,
    })),
    statements: statementsOf(progress, plan),
    attested: attestedOf(progress),
    faults: { total: tally.total, by_code: sorted(tally.byCode), first: tally.first },
  };
}

function sampleReport({ sample, tally }: Progress, seed: string): SampleReport {
  const size = sample.drawn.length;
  const right = !tally.byCode.has('decision_wrong');
  return { size, seed, ...(right ? { at_most_ppm: sampleBoundPpm(size) } : {}) };
}

function sorted<Key extends string>(counts: ReadonlyMap<Key, number>): { readonly [key in Key]?: number } {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))) as { [key in Key]?: number };
}

/** What had to be taken on the operator's word, and for how much of the log. */
function attestedOf({ counts, edge, target }: Progress): readonly string[] {
  const { decisions, callersAttested, callersByToken, seedsByServer, outcomes, notSent } = counts;
  return [
    `the time of ${edge.size} entries and ${decisions} decisions: the clocks of the instances`,
    ...(callersAttested > 0
      ? [
          `who asked in ${callersAttested} decisions: that the API key was presented, of which the log has the record`,
        ]
      : []),
    ...(callersByToken > 0
      ? [`who asked in ${callersByToken} decisions: that the signature of the token was checked`]
      : []),
    ...(seedsByServer > 0 ? [`the seed of ${seedsByServer} decisions: drawn by the server`] : []),
    ...(outcomes > 0
      ? [`what was measured in ${outcomes} outcomes: how a call ended, how long it took, its tokens`]
      : []),
    ...(notSent > 0 ? [`that ${notSent} recorded attempts were never sent`] : []),
    'data classes, jurisdictions and estimates of the requests: as their callers declared them',
    'that nothing was sent without an entry: only receipts that callers and services keep show what is missing',
    ...(target.signed ? [] : ['the root: no signature over it was checked']),
    ...(target.keyFrom === 'genesis'
      ? ['the key: the log names it itself; compare it with one from elsewhere']
      : []),
    ...(target.witnesses.length === 0 ? ['that nobody was shown another log: no witness was asked for'] : []),
  ];
}
