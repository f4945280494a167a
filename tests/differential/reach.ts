import { canonicalSize } from '../../src/contracts/canonical-size.js';
import { type Certificate, exclusionCodes, type Routed } from '../../src/contracts/certificate.js';
import type { Contract } from '../../src/contracts/contract.js';
import type { State } from '../../src/contracts/state.js';
import type { DecisionInputs } from '../../src/orchestrator/question.js';
import type { World } from '../generators/decision.js';
import type { Answer } from './engine-verifier-answers.js';

/** How often each thing worth deciding about was decided about. */
export class Reach {
  readonly counts = new Map<string, number>();

  constructor() {
    for (const code of Object.values(exclusionCodes).flat()) this.counts.set(`excluded ${code}`, 0);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  see(world: World, answers: readonly Answer[]): void {
    if (world.before !== undefined) this.count('snapshots made from an earlier one');
    if (world.state.contracts.length === 0) this.count('empty registries');
    if (world.state.policies.length === 0) this.count('states without policies');
    answers.forEach(({ certificate, engine }, i) => {
      const question = world.questions[i] as DecisionInputs;
      this.count('cases');
      this.numbers(world.state, question);
      if (certificate === undefined) this.count(`invalid ${engine}`);
      else this.certificate(certificate, world.state);
    });
  }

  private count(what: string, times = 1): void {
    this.counts.set(what, this.of(what) + times);
  }

  private certificate(certificate: Certificate, state: State): void {
    const { funnel, outcome, ranking, rules } = certificate;
    this.count(outcome.decision);
    for (const { code, count } of funnel.exclusions) this.count(`excluded ${code}`, count);
    if (outcome.decision === 'refused') this.count(`refused at ${outcome.step}`);
    else this.chain(certificate, outcome);
    const errors = funnel.exclusions.some(({ code }) => code === 'rule_error');
    if (errors) this.erring(certificate, state);
    if (rules.fired > rules.first.length) this.count('more rules fired than listed');
    const best = ranking.best.map(({ total }) => total);
    if (best.some((total, i) => total === best[i + 1])) this.count('ties decided by digest');
    if (best.length > 1 && best[0] === best[1]) this.count('first places decided by digest');
    if (rowOf(certificate) > 0) this.count('beyond the first row of the size ladder');
    this.count(`size ladder row ${rowOf(certificate) + 1}`);
    if (canonicalSize(certificate) > 16_384) this.count('larger than any row of the size ladder admits');
    this.order(certificate);
  }

  private chain({ inputs, ranking }: Certificate, { chain }: Routed): void {
    this.count(`chains of ${chain.length}`);
    const asked = Math.min(inputs.request.fallback?.max_services ?? 1, ranking.considered);
    if (chain.length < asked) this.count('chains shortened');
  }

  /** Which of the two halves of a rule erred: the key is listed as fired where its `when` was true. */
  private erring({ funnel, rules }: Certificate, state: State): void {
    if (rules.fired > rules.first.length) return;
    for (const { code, ref } of funnel.exclusions) {
      if (code !== 'rule_error') continue;
      this.count(rules.first.includes(ref) ? 'rules whose require errs' : 'rules whose when errs');
    }
    if (state.contracts.length > 0) this.count('decisions with erring rules');
  }

  /** Where both a text of U+E000–U+FFFF and one above U+FFFF are, order by code point is not that by UTF-16 unit. */
  private order({ outcome, funnel, inputs }: Certificate): void {
    const lists = [inputs.request.requirements.constraints.certifications, inputs.caller.permissions];
    if (outcome.decision === 'routed') lists.push(outcome.promise.regions, outcome.promise.jurisdictions);
    else lists.push(...outcome.nearest.map(({ lacked }) => lacked.map(({ ref }) => ref)));
    lists.push(funnel.exclusions.map(({ ref }) => ref));
    if (lists.some(isSplitByOrder)) this.count('lists ordered by code point, not by UTF-16 unit');
  }

  private numbers({ contracts, history }: State, { request, seed, time }: DecisionInputs): void {
    const seen = { zero: false, wide: false, greatest: false };
    const see = (value: unknown): void => {
      if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) see(member);
      if (typeof value !== 'number') return;
      seen.zero ||= value === 0;
      seen.wide ||= Math.abs(Math.abs(value) - 2 ** 32) <= 1;
      seen.greatest ||= Math.abs(value) >= 2 ** 53 - 2;
    };
    const of = ({ guarantees, cost, constraints, capabilities }: Contract) =>
      see([guarantees, cost, constraints, capabilities]);
    see([request, seed, time, history]);
    contracts.forEach(of);
    if (seen.zero) this.count('cases with 0');
    if (seen.wide) this.count('cases with numbers next to 2^32');
    if (seen.greatest) this.count('cases with numbers next to 2^53');
  }
}

function isSplitByOrder(texts: readonly string[]): boolean {
  const some = (pattern: RegExp) => texts.some((text) => pattern.test(text));
  return some(/^[\ue000-\uffff]/) && some(/^[\u{10000}-\u{10ffff}]/u);
}

/** Which row of the size ladder (calculus §4) made the certificate, as far as what was left out tells. */
function rowOf({ funnel, ranking, outcome }: Certificate): number {
  const ladder = [
    [16, 8, 32, 3],
    [8, 8, 32, 1],
    [8, 4, 16, 1],
    [4, 2, 8, 1],
    [1, 1, 4, 0],
  ] as const;
  const excluded = funnel.registered - (funnel.steps.at(-1)?.left ?? 0);
  return ladder.findIndex(([k, n, g, s]) => {
    const nearest = outcome.decision === 'refused' ? outcome.nearest.length : undefined;
    return (
      ranking.best.length === Math.min(k, ranking.considered) &&
      (nearest === undefined || nearest === Math.min(n, excluded)) &&
      (funnel.exclusions.length === g || (funnel.exclusions.length < g && funnel.other === 0)) &&
      funnel.exclusions.every(({ count, sample }) => sample.length === Math.min(s, count))
    );
  });
}
