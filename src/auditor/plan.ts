import type { Assertion } from './assertion.js';

/** What one audit is to establish. Two audits of one log with one plan give the same report. */
export interface AuditPlan {
  /** Verifier key of the log, from somewhere other than the log; without it the key that the log names itself, which the report says. */
  readonly key?: string;
  /** Verifier keys of witnesses, of which at least `quorum` must have cosigned the checkpoint. */
  readonly witnesses: readonly string[];
  readonly quorum: number;
  /** The log indexes [from, to) whose decisions are checked and asserted; the fold takes all entries. `to` absent: the end. */
  readonly from: number;
  readonly to?: number;
  /** How far each decision is checked. */
  readonly level: 2 | 3;
  /** Of the decisions, how many are drawn to be checked at level 3, and by which seed. */
  readonly sample?: { readonly size: number; readonly seed: string };
  readonly assertions: readonly Assertion[];
  /** A checkpoint that the auditor trusts from before: its signed note. */
  readonly since?: Uint8Array;
  /** How many faults the report lists; all are counted. */
  readonly listed: number;
}
