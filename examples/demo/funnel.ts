import { type Decision, reasonOf } from './decision.js';
import { paint, say } from './terminal.js';

/** The terms of the score, in the order of the weights (calculus, step 5). */
const terms = ['intent', 'context', 'route', 'memory', 'guarantee', 'reliability', 'cost', 'risk', 'latency'];

/** Prints how a decision was made: registered → matched → rules → security → constraints → selected. */
export function explain(decision: Decision): void {
  const { funnel } = decision.certificate;
  say(paint('dim', `  decision ${decision.certificate.id.slice(0, 16)}…`));
  say(`  ${'registered'.padEnd(15)}${String(funnel.registered).padStart(3)}`);
  for (const { step, entered, left } of funnel.steps) {
    say(`  ${step.padEnd(15)}${String(left).padStart(3)}  ${bar(left, funnel.registered)}`);
    if (left === entered) continue;
    for (const group of funnel.exclusions.filter((each) => each.step === step)) {
      explainGroup(decision, group);
    }
  }
  explainOutcome(decision);
}

function explainGroup(
  decision: Decision,
  { code, ref, count, sample }: Decision['certificate']['funnel']['exclusions'][number],
): void {
  const more = count > sample.length ? ` and ${count - sample.length} more` : '';
  say(`       ${paint('yellow', '−')} ${sample.join(', ')}${more}: ${paint('yellow', label(code, ref))}`);
  const reason = reasonOf(decision, ref);
  if (reason !== undefined) say(paint('dim', `         ${reason}`));
}

function explainOutcome(decision: Decision): void {
  const { outcome, ranking } = decision.certificate;
  if (outcome.decision === 'refused') {
    say(`  ${paint('red', 'refused')}          no service is left after step ${outcome.step}`);
    for (const { service, step, lacked } of outcome.nearest) {
      const why = lacked.map(({ code, ref }) => label(code, ref)).join(', ');
      say(`       ${service.padEnd(10)} ${paint('dim', `at ${step}:`)} ${why}`);
    }
    return;
  }
  const { selected, promise } = outcome;
  say(`  ${paint('green', 'selected')}         ${paint('bold', selected.service)} ${selected.version}`);
  for (const ranked of ranking.best) {
    say(
      `       ${score(ranked.total)}  ${ranked.service.padEnd(10)} ${paint('dim', parts(decision, ranked.terms))}`,
    );
  }
  const cost = promise.cost_micro_usd === undefined ? 'unknown' : `${promise.cost_micro_usd / 1e6} USD`;
  say(
    paint(
      'dim',
      `       promised: ${promise.locality}, ${promise.jurisdictions.join(' ')}, at most ${cost}, ` +
        `cut off after ${promise.deadline_micros / 1e6} s`,
    ),
  );
}

function parts({ certificate, bundle }: Decision, values: readonly number[]): string {
  const weights = bundle.parameters.profiles[certificate.inputs.request.profile] ?? [];
  return values
    .map((value, i) => ({ name: terms[i] ?? '', value, weight: weights[i] ?? 0 }))
    .filter(({ value, weight }) => value > 0 && weight > 0)
    .map(({ name, value, weight }) => `${name} ${(value / 1e6).toFixed(2)}×${weight / 1e6}`)
    .join('  ');
}

/** Totals are sums of ppm times ppm. */
function score(total: number): string {
  return (total / 1e12).toFixed(4);
}

function label(code: string, ref: string): string {
  return ref === '' ? code : `${code} (${ref})`;
}

function bar(left: number, registered: number): string {
  return paint('cyan', '█'.repeat(left)) + paint('dim', '░'.repeat(Math.max(0, registered - left)));
}
