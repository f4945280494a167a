import { formatTimestamp } from '../../contracts/timestamp.js';
import { formatDecimal } from '../../kernel/micro.js';
import { reasonFor } from '../../orchestrator/finding-reason.js';
import { type Came, changeKinds } from '../../replay/change.js';
import type { Changed } from '../../replay/replay.js';
import type { WhyNot } from '../../replay/why-not.js';
import type { Difference, Report } from './report.js';

/** What a person reads first: how many change, what it costs, then the first of the changes. `more` says where the others are. */
export function reportText(report: Report, shown: number, more: string): string {
  const { decisions, unchanged, changed, changes } = report;
  const kinds = changeKinds.flatMap((kind) =>
    changed[kind] === undefined ? [] : [`${changed[kind]} ${kind.replaceAll('_', ' ')}`],
  );
  const lines = [
    `${decisions} decisions decided again, each first on the state that was: all came out as in the log`,
    `${unchanged} come out the same, ${changes.length} change${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`,
    '',
    `in all            ${differenceText(report.total)}`,
    ...Object.entries(report.services).map(([id, each]) => `  ${id.padEnd(15)} ${differenceText(each)}`),
    '',
    ...changes.slice(0, shown).flatMap(changeLines),
  ];
  if (changes.length > shown) lines.push(`… and ${changes.length - shown} more: ${more}`);
  return `${lines.join('\n')}\n`;
}

function differenceText(each: Difference): string {
  const [before, after] = each.decisions;
  const [cost, costAfter] = each.cost_micro_usd;
  const [latency, latencyAfter] = each.mean_latency_micros;
  const unknown =
    each.cost_unknown[0] + each.cost_unknown[1] === 0
      ? ''
      : ` (unknown for ${each.cost_unknown.join(' and ')})`;
  return [
    `${before} → ${after} routed`,
    `cost ${usd(cost)} → ${usd(costAfter)}${unknown}`,
    `mean promised latency ${millis(latency)} → ${millis(latencyAfter)}`,
  ].join(', ');
}

const usd = (micros: number): string => `${formatDecimal(micros, 6)} USD`;
const millis = (micros: number | undefined): string =>
  micros === undefined ? 'none' : `${formatDecimal(micros, 3)} ms`;

function changeLines({
  log_index: index,
  time,
  tenant,
  intent,
  change,
  before,
  after,
  why,
}: Changed): readonly string[] {
  const because = why === undefined ? [] : [`        ${whyText(why)}`];
  const head = `${String(index).padStart(6)}  ${formatTimestamp(time)} ${tenant} ${intent}: ${change.replaceAll('_', ' ')}`;
  return [head, `        ${cameText(before)} → ${cameText(after)}`, ...because];
}

function cameText(came: Came): string {
  switch (came.decision) {
    case 'routed':
      return came.chain.length === 1
        ? came.service
        : `${came.service} (then ${came.chain.slice(1).join(', ')})`;
    case 'refused':
      return `refused at ${came.step}`;
    case 'invalid':
      return `no valid request: ${came.problems[0]?.message ?? ''}`;
    default:
      return came satisfies never;
  }
}

function whyText(why: WhyNot): string {
  switch (why.kind) {
    case 'not_registered':
      return `${why.service}: it is not registered`;
    case 'excluded':
      return `${why.service}: ${reasonFor(why, new Map())} (${why.step})`;
    case 'outranked':
      return `${why.service}: ${why.by} ranks before it, by ${why.points} points or more`;
    default:
      return why satisfies never;
  }
}
