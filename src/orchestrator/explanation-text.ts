import type { Routed } from '../contracts/certificate.js';
import { formatDecimal, formatMicro } from '../kernel/micro.js';
import type { Explanation } from './explanation.js';

/** An explanation as lines to read. */
export function explanationText(explained: Omit<Explanation, 'text'>): string {
  const { outcome } = explained;
  return [
    outcome.decision === 'routed'
      ? `routed to ${outcome.selected.service} ${outcome.selected.version}`
      : `refused at ${outcome.step}`,
    `  decision ${explained.id}`,
    '',
    `  ${explained.funnel.map(({ stage, services }) => `${stage} ${services}`).join(' → ')}`,
    ...ruleLines(explained),
    ...exclusionLines(explained),
    ...(outcome.decision === 'routed'
      ? [...rankingLines(explained), ...promiseLines(outcome)]
      : nearestLines(explained)),
    '',
    `attested, not checkable: ${explained.attested.join(', ')}`,
    '',
  ].join('\n');
}

function ruleLines({ rules }: Omit<Explanation, 'text'>): readonly string[] {
  if (rules.fired === 0) return [`  none of ${rules.total} rules fired`];
  const more = rules.fired > rules.first.length ? ', …' : '';
  return [`  ${rules.fired} of ${rules.total} rules fired: ${rules.first.join(', ')}${more}`];
}

function exclusionLines({ exclusions, other }: Omit<Explanation, 'text'>): readonly string[] {
  if (exclusions.length === 0) return [];
  return [
    '',
    'excluded',
    ...exclusions.map(({ step, count, sample, reason }) => {
      const more = count > sample.length && sample.length > 0 ? ', …' : '';
      const who = sample.length === 0 ? '' : ` (${sample.join(', ')}${more})`;
      return `  ${String(count).padStart(6)}  ${step.padEnd(14)}  ${reason}${who}`;
    }),
    ...(other === 0 ? [] : [`  ${String(other).padStart(6)}  for other reasons`]),
  ];
}

function rankingLines({ ranking, considered }: Omit<Explanation, 'text'>): readonly string[] {
  const lines = ranking.flatMap(({ rank, service, total, terms }) => [
    `  ${String(rank).padStart(2)}. ${service}  score ${formatDecimal(total, 12)}`,
    `      ${Object.entries(terms)
      .filter(([, value]) => value > 0)
      .map(([name, value]) => `${name} ${formatMicro(value)}`)
      .join(' · ')}`,
  ]);
  return ['', `ranking, the first ${ranking.length} of ${considered}`, ...lines];
}

function promiseLines({ promise, chain }: Routed): readonly string[] {
  const guarantees = Object.entries(promise.guarantees).map(
    ([property, bound]) => `  ${property} ${Object.entries(bound).flat().join(' ')}`,
  );
  return [
    '',
    `promise of ${chain.map(({ service }) => service).join(', then ')}`,
    ...guarantees,
    `  cost ${promise.cost_micro_usd === undefined ? 'unknown' : `at most ${formatMicro(promise.cost_micro_usd)} USD at the estimate`}`,
    `  data stays ${promise.locality}${promise.jurisdictions.length === 0 ? '' : `, in ${promise.jurisdictions.join(', ')}`}`,
    `  cut off after ${formatDecimal(promise.deadline_micros, 3)} ms`,
  ];
}

function nearestLines({ nearest }: Omit<Explanation, 'text'>): readonly string[] {
  if (nearest.length === 0) return [];
  return [
    '',
    'nearest',
    ...nearest.flatMap(({ service, step, lacked }) => [
      `  ${service} (${step})`,
      ...lacked.map(({ reason }) => `    ${reason}`),
    ]),
  ];
}
