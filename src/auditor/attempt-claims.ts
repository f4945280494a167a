import type { AttemptEntry, DecisionEntry, OutcomeEntry } from '../verifier/log-entry.js';
import type { LogFault } from '../verifier/log-fault.js';
import type { LogMemory } from '../verifier/log-memory.js';
import { decisionWithin, forgetOver } from '../verifier/log-span.js';
import { answersOf } from './assertion.js';
import type { AuditPlan } from './plan.js';
import type { Progress, Untrue } from './progress.js';

/**
 * A decision of the range: what the assertions say of each member of its chain is kept where it is not true, since an attempt may come until the
 * decision's span is over. Gives the counterexamples that ride in it.
 */
export function countDecision(
  progress: Progress,
  plan: AuditPlan,
  memory: LogMemory,
  { certificate, attempt }: DecisionEntry,
  index: number,
): LogFault[] {
  const { counts } = progress;
  const { caller, seed_origin: seedOrigin } = certificate.inputs;
  counts.decisions += 1;
  if (certificate.outcome.decision === 'refused') counts.refused += 1;
  if (caller.method === 'jwt') counts.callersByToken += 1;
  else counts.callersAttested += 1;
  if (seedOrigin === 'server') counts.seedsByServer += 1;
  const known = decisionWithin(memory, certificate.id);
  if (known?.index === index && plan.assertions.length > 0) {
    const answers = answersOf(plan.assertions, certificate, known.chain, memory.state);
    const untrue = answers.flatMap((ofRank, rank) =>
      ofRank.flatMap((answer, assertion): Untrue[] =>
        answer === 'true' ? [] : [{ rank, assertion, answer }],
      ),
    );
    keepUntrue(progress, memory, certificate.id, untrue);
  }
  return attempt === undefined ? [] : attempted(progress, plan, certificate.id, attempt, index);
}

/** As long as the decision is within its span. What was kept of another one of that id is over. */
function keepUntrue(progress: Progress, memory: LogMemory, id: string, untrue: readonly Untrue[]): void {
  const { untrue: kept, lookAt } = progress;
  if (untrue.length > 0) kept.set(id, untrue);
  else kept.delete(id);
  progress.lookAt = forgetOver(kept, lookAt, ([each]) => decisionWithin(memory, each) === undefined);
}

/** An attempt of a decision of the range is held against every assertion. */
export function countAttempt(
  progress: Progress,
  plan: AuditPlan,
  entry: AttemptEntry,
  index: number,
): LogFault[] {
  return attempted(progress, plan, entry.decision, entry, index);
}

export function countOutcome({ counts }: Progress, { measured }: OutcomeEntry): void {
  counts.outcomes += 1;
  if (measured.result === 'not_sent') counts.notSent += 1;
}

function attempted(
  progress: Progress,
  { assertions, from, to = Number.POSITIVE_INFINITY }: AuditPlan,
  decision: string,
  { rank, service }: Pick<AttemptEntry, 'rank' | 'service'>,
  index: number,
): LogFault[] {
  progress.counts.attempts += 1;
  const { memory } = progress;
  const decided = memory === undefined ? undefined : decisionWithin(memory, decision)?.index;
  if (decided === undefined || decided < from || decided >= to) return [];
  for (const each of progress.assertions) each.attempts += 1;
  const untrue = (progress.untrue.get(decision) ?? []).filter((each) => each.rank === rank);
  return untrue.map(({ assertion, answer }): LogFault => {
    const counted = progress.assertions[assertion];
    if (counted !== undefined) counted.counterexamples += 1;
    const { text } = assertions[assertion] as { readonly text: string };
    const code = answer === 'false' ? 'assertion_false' : 'assertion_error';
    return {
      code,
      index,
      decision,
      message: `${service.service} was called at rank ${rank}: ${answer}: ${text}`,
    };
  });
}
