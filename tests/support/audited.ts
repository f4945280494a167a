import { parseAssertion } from '../../src/auditor/assertion.js';
import { Audit } from '../../src/auditor/audit.js';
import { LocalChecker } from '../../src/auditor/decision-check.js';
import type { AuditPlan } from '../../src/auditor/plan.js';
import { newProgress, type Progress } from '../../src/auditor/progress.js';
import { type AuditReport, reportOf } from '../../src/auditor/report.js';
import { countFaults } from '../../src/auditor/tally.js';
import { findTarget } from '../../src/auditor/target.js';
import type { Published } from '../generators/published-log.js';

export function auditPlan(key: string, more: Partial<AuditPlan> = {}): AuditPlan {
  return { key, witnesses: [], quorum: 0, from: 0, level: 2, assertions: [], listed: 1_000, ...more };
}

export function assertion(text: string) {
  const parsed = parseAssertion(text);
  if (parsed === undefined) throw new Error(`not an assertion: ${text}`);
  return parsed;
}

export async function beginAudit({ source, checkpoint }: Published, plan: AuditPlan): Promise<Progress> {
  const { target, faults } = await findTarget(source, checkpoint, plan);
  const progress = newProgress(target, plan.assertions.length);
  countFaults(progress.tally, faults, plan.listed);
  return progress;
}

/** A whole audit in this thread. */
export async function audited(log: Published, plan: AuditPlan): Promise<AuditReport> {
  const progress = await beginAudit(log, plan);
  const whole = await new Audit(log.source, plan, new LocalChecker(), progress).run(() => false);
  if (!whole) throw new Error('it stopped though nobody asked');
  return reportOf(progress, plan);
}
