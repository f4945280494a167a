import type { AuditReport } from '../../auditor/report.js';
import { type CommandIo, paint } from '../io.js';

/** A report for a person: what was read, what holds, what is false, what was taken on somebody's word. */
export function reportText(report: AuditReport, io: CommandIo): string {
  const { log, faults } = report;
  const lines = [
    `${paint(io, 'bold', log.origin ?? 'a log')}: ${report.read} of ${log.size} entries, root ${log.root}`,
    ...(log.since === undefined ? [] : [`  from the root ${log.since.root} of ${log.since.size} entries on`]),
    `  ${Object.entries(report.entries)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    ...report.statements.map(({ invariant, statement, checked, faults: count, holds }) => {
      const mark = holds ? paint(io, 'green', '✓') : paint(io, 'red', `✗ ${count} faults:`);
      return `${mark} ${statement}${invariant === undefined ? '' : ` (${invariant})`}: ${checked} checked`;
    }),
    ...assertionLines(report, io),
    ...sampleLines(report),
    ...attemptLines(report),
    ...(faults.total === 0 ? [] : faultLines(report, io)),
    'taken on somebody’s word:',
    ...report.attested.map((what) => `  ${what}`),
    report.holds ? paint(io, 'green', 'the audit holds') : paint(io, 'red', 'the audit does NOT hold'),
  ];
  return `${lines.join('\n')}\n`;
}

function assertionLines({ assertions, log }: AuditReport, io: CommandIo): readonly string[] {
  return assertions.map(({ text, attempts, counterexamples }) => {
    const coverage = `${attempts} attempts, from the first entry to the root of ${log.size}`;
    return counterexamples === 0
      ? `${paint(io, 'green', '✓')} true of every attempt (${coverage}): ${text}`
      : `${paint(io, 'red', '✗')} ${counterexamples} counterexamples (${coverage}): ${text}`;
  });
}

function sampleLines({ decisions: { sample, optimal } }: AuditReport): readonly string[] {
  if (sample === undefined) return [];
  const bound =
    sample.at_most_ppm === undefined
      ? 'a decision is wrong'
      : `with 99 % confidence at most ${sample.at_most_ppm} in a million decisions are wrong`;
  return [`  sample of ${sample.size} at level 3 (seed ${sample.seed}; ${optimal} checked): ${bound}`];
}

function attemptLines({ attempts }: AuditReport): readonly string[] {
  const { total, outcomes, without_outcome: open, not_sent: notSent } = attempts;
  return [
    `  ${total} attempts, ${outcomes} outcomes; ${open} without outcome count as disclosed, ${notSent} were not sent`,
  ];
}

function faultLines({ faults }: AuditReport, io: CommandIo): readonly string[] {
  const more = faults.total - faults.first.length;
  return [
    ...faults.first.map(({ code, index, message, detail, path, decision }) => {
      const place = path === undefined || path === '' ? '' : ` at ${path}`;
      const named = decision === undefined ? '' : ` (decision ${decision.slice(0, 12)}…)`;
      const what = detail === undefined ? code : `${code}: ${detail}`;
      return `  entry ${index}${named}: ${paint(io, 'red', what)}${place}: ${message}`;
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
