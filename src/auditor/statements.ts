import type { LogFaultCode } from '../verifier/log-fault.js';
import type { AuditPlan } from './plan.js';
import type { Progress } from './progress.js';

/** One thing that the audit checked of the whole range. */
export interface Statement {
  /** The invariant that it is, where it has a number. */
  readonly invariant?: string;
  readonly statement: string;
  readonly checked: number;
  readonly faults: number;
  readonly holds: boolean;
}

interface Checked {
  readonly invariant?: string;
  readonly statement: string;
  readonly checked: number;
  readonly codes: readonly LogFaultCode[];
}

/** INV by INV: what was established, on how many entries, and how many of them contradict it. Each code belongs to one statement. */
export function statementsOf(progress: Progress, plan: AuditPlan): readonly Statement[] {
  return checkedOf(progress, plan).map(({ invariant, statement, checked, codes }) => {
    const faults = codes.reduce((sum, code) => sum + (progress.tally.byCode.get(code) ?? 0), 0);
    const named = invariant === undefined ? {} : { invariant };
    return { ...named, statement, checked, faults, holds: faults === 0 };
  });
}

function checkedOf({ edge, kinds, counts, target }: Progress, plan: AuditPlan): readonly Checked[] {
  const { decisions, attempts, outcomes, optimal } = counts;
  const changes = [...kinds].reduce((sum, [kind, count]) => sum + (isChange(kind) ? count : 0), 0);
  const since =
    target.since === undefined ? '' : ` and begin with the ${target.since.size} of the earlier one`;
  return [
    {
      invariant: 'INV-CAIO-LOG-0001',
      statement: `the entries hash to the root of the ${target.signed ? 'signed ' : ''}checkpoint${since}`,
      checked: edge.size,
      codes: [
        'entry_rewritten',
        'tile_wrong',
        'root_wrong',
        'earlier_root_wrong',
        'log_went_back',
        'checkpoint_forged',
        'too_few_witnesses',
      ],
    },
    {
      statement:
        'every entry is canonical, of a known kind and shape, and its time is not before that of those in front of it',
      checked: edge.size,
      codes: ['entry_malformed', 'genesis_misplaced', 'genesis_of_another_log', 'backdated'],
    },
    {
      statement: 'every change of state may stand where it stands, and is signed where approval is asked for',
      checked: changes,
      codes: [
        'contract_changed',
        'policy_changed',
        'removal_of_nothing',
        'service_not_registered',
        'key_put_twice',
        'key_not_revocable',
        'breaker_wrong',
        'author_not_allowed',
        'change_missing',
        'change_wrong',
        'change_expired',
        'change_unsigned',
      ],
    },
    {
      statement: 'every epoch was due, and its rows and breaches are those of its outcomes',
      checked: kinds.get('history.epoch') ?? 0,
      codes: ['epoch_wrong', 'epoch_not_due', 'epoch_digest_wrong', 'breaches_wrong'],
    },
    {
      invariant: 'INV-CAIO-LOG-0002',
      statement: 'every decision was made on the state at its index, and stands once',
      checked: kinds.get('decision') ?? 0,
      codes: ['state_outdated', 'state_differs', 'decision_twice', 'caller_key_wrong'],
    },
    {
      invariant: 'INV-CAIO-0002, -0004, -0005',
      statement:
        plan.level === 3 || optimal > 0
          ? `every decision of the range is right at level ${plan.level}${plan.level === 2 ? `, ${optimal} of them at level 3` : ''}`
          : 'every decision of the range is right at level 2',
      checked: decisions,
      codes: ['decision_wrong'],
    },
    {
      invariant: 'INV-CAIO-LOG-0003',
      statement:
        'every attempt stands behind its decision, within its span, names a member of the certified chain, and stands once',
      checked: attempts,
      codes: ['attempt_without_decision', 'attempt_outside_chain', 'attempt_twice'],
    },
    {
      statement:
        'every outcome stands behind its attempt, within the same span, once, and its cost and verdicts follow from contract and measurement',
      checked: outcomes,
      codes: [
        'outcome_without_attempt',
        'outcome_of_another_service',
        'outcome_twice',
        'measured_wrong',
        'cost_wrong',
        'verdicts_wrong',
        'result_signature_wrong',
      ],
    },
    ...(plan.assertions.length === 0
      ? []
      : [
          {
            statement: 'every assertion is true of every attempt of the range',
            checked: plan.assertions.length * attempts,
            codes: ['assertion_false', 'assertion_error'],
          } as const,
        ]),
  ];
}

function isChange(kind: string): boolean {
  return /\.(put|remove|revoke)$/.test(kind);
}
