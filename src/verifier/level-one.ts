// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { parseStrict } from './bundle.js';
import { byCodePoint, canonicalText, utf8 } from './canonical.js';
import type { Certificate, Code, RankedService, Refused, Routed, ServiceReference } from './certificate-document.js';
import { stepCodes, stepOrder } from './certificate-document.js';
import { certificateShape } from './certificate-shape.js';
import { provenanceOf } from './decision-inputs.js';
import { digest } from './digest.js';
import type { Property } from './documents.js';
import type { VerificationCode } from './falsehood.js';
import { expectSame, expectThat, Falsehood, pointer } from './falsehood.js';
import { firstDifference } from './first-difference.js';
import { sizeLadder } from './funnel.js';
import { boundValue, guaranteeFindings } from './promises.js';
import { tieBreak } from './score.js';
import { refusedStatements, routedStatements } from './statements.js';

/** Signed bytes to a certificate: strict JSON, closed shape, and the bytes are the canonical ones. */
export function readCertificate(payload: Uint8Array): Certificate {
  const value = parseStrict(payload, '');
  certificateShape(value, '');
  const canonical = utf8(canonicalText(value));
  const same = canonical.length === payload.length && canonical.every((byte, i) => byte === payload[i]);
  expectThat(same, 'not_canonical', '', 'the canonical bytes (RFC 8785) of the certificate');
  return value as Certificate;
}

/** Throws unless `found` equals `expected` in every part; names the first part that does not. */
export function expectEqual(code: VerificationCode, path: string, expected: unknown, found: unknown): void {
  const difference = firstDifference(expected, found, path);
  if (difference === undefined) return;
  throw new Falsehood(code, difference.path, `expected ${difference.expected}, found ${difference.found}`);
}

/** Everything that can be checked of a certificate by itself: that it adds up. */
export function checkArithmetic(certificate: Certificate): void {
  checkInputs(certificate);
  checkFunnel(certificate);
  checkRules(certificate);
  checkRanking(certificate);
  checkLadder(certificate);
  const { outcome, ranking } = certificate;
  const expected = ranking.considered > 0 ? 'routed' : 'refused';
  expectSame('outcome_wrong', '/outcome/decision', expected, outcome.decision);
  if (outcome.decision === 'routed') checkRouted(certificate, outcome);
  else checkRefused(certificate, outcome);
  const statements = outcome.decision === 'routed' ? routedStatements : refusedStatements;
  expectEqual('statements_wrong', '/proofs', statements, certificate.proofs);
}

function checkInputs({ id, inputs }: Certificate): void {
  const { request, request_digest, caller, seed_origin, commitments } = inputs;
  expectSame(
    'request_digest_wrong',
    '/inputs/request_digest',
    digest('caio/request/v1', request),
    request_digest,
  );
  expectEqual(
    'provenance_wrong',
    '/inputs/provenance',
    provenanceOf(caller.method, seed_origin),
    inputs.provenance,
  );
  expectSame('id_wrong', '/id', digest('caio/decision/v1', inputs), id);
  for (const name of Object.keys(commitments)) {
    const isClear =
      name.startsWith('context.') && Object.hasOwn(request.context, name.slice('context.'.length));
    const path = pointer('/inputs/commitments', name);
    expectThat(!isClear, 'commitments_wrong', path, 'no commitment to a context field that is in the clear');
  }
  const { history_from: from, history_to: to } = inputs.state;
  expectThat(from <= to, 'inputs_wrong', '/inputs/state/history_from', `at most history_to, ${to}`);
}

/** Each step enters what the one before left; groups are sorted, distinct, and account for everyone who went out. */
function checkFunnel({ funnel, ranking }: Certificate): void {
  const { registered, steps, exclusions, other } = funnel;
  let entering = registered;
  const listed = new Map<string, number>();
  for (const [i, group] of exclusions.entries()) {
    const path = pointer('/funnel/exclusions', i);
    const codes: readonly Code[] = stepCodes[group.step];
    expectThat(
      codes.includes(group.code),
      'funnel_wrong',
      `${path}/code`,
      `a code of the step ${group.step}`,
    );
    const before = exclusions[i - 1];
    const sorted = before === undefined || compareGroups(before, group) < 0;
    expectThat(sorted, 'funnel_wrong', path, 'groups by count, then step, code and ref, none twice');
    listed.set(group.step, (listed.get(group.step) ?? 0) + group.count);
  }
  for (const [i, step] of stepOrder.entries()) {
    const path = pointer('/funnel/steps', i);
    const found = steps[i];
    expectSame('funnel_wrong', `${path}/step`, step, found?.step);
    expectSame('funnel_wrong', `${path}/entered`, entering, found?.entered);
    const left = found?.left ?? 0;
    expectThat(left <= entering, 'funnel_wrong', `${path}/left`, `at most ${entering}`);
    const out = entering - left;
    const known = listed.get(step) ?? 0;
    const covered = other === 0 ? known === out : known <= out;
    expectThat(covered, 'funnel_wrong', '/funnel/exclusions', `groups of ${step} that count ${out} together`);
    entering = left;
  }
  const total = [...listed.values()].reduce((sum, count) => sum + count, other);
  expectSame('funnel_wrong', '/funnel/other', registered - entering, total);
  expectSame('funnel_wrong', '/ranking/considered', entering, ranking.considered);
  const [authentication] = steps;
  const shared = authentication?.left === 0 || authentication?.left === authentication?.entered;
  expectThat(
    shared,
    'funnel_wrong',
    '/funnel/steps/0/left',
    'all or none: authentication is the same for every service',
  );
}

type Group = Certificate['funnel']['exclusions'][number];

function compareGroups(a: Group, b: Group): number {
  return (
    b.count - a.count ||
    stepOrder.indexOf(a.step) - stepOrder.indexOf(b.step) ||
    byCodePoint(a.code, b.code) ||
    byCodePoint(a.ref, b.ref)
  );
}

function checkRules({ rules }: Certificate): void {
  const { total, fired, first } = rules;
  expectThat(fired <= total, 'rules_wrong', '/rules/fired', `at most ${total}`);
  expectSame('rules_wrong', '/rules/first', Math.min(16, fired), first.length);
  for (const [i, key] of first.entries()) {
    const before = first[i - 1];
    const sorted = before === undefined || byCodePoint(before, key) < 0;
    expectThat(
      sorted,
      'rules_wrong',
      pointer('/rules/first', i),
      'rule keys in code-point order, none twice',
    );
  }
}

/**
 * Greatest total first, ties by the draw. Weights are not in the certificate, but they sum to 10⁶, so a total lies
 * between 10⁶ times the least and the greatest of its terms.
 */
function checkRanking({ ranking, inputs }: Certificate): void {
  const drawOf = ({ service }: RankedService) => tieBreak(inputs.seed, inputs.request_digest, service);
  const seen = new Set<string>();
  for (const [i, row] of ranking.best.entries()) {
    const path = pointer('/ranking/best', i);
    expectThat(!seen.has(row.service), 'ranking_wrong', `${path}/service`, 'each service once');
    seen.add(row.service);
    const [low, high] = [1e6 * Math.min(...row.terms), 1e6 * Math.max(...row.terms)];
    const plausible = low <= row.total && row.total <= high;
    expectThat(plausible, 'ranking_wrong', `${path}/total`, `a weighted mean of the terms, ${low} … ${high}`);
    for (const fieldTerm of [0, 1, 2, 3]) {
      expectSame('ranking_wrong', `${path}/terms/${fieldTerm}`, 0, row.terms[fieldTerm]);
    }
    const before = ranking.best[i - 1];
    if (before === undefined) continue;
    const sorted =
      before.total > row.total ||
      (before.total === row.total && byCodePoint(drawOf(before), drawOf(row)) < 0);
    expectThat(sorted, 'ranking_wrong', path, 'the greatest total first, ties by the least draw');
  }
}

/** The lengths of the lists are those of one row of the size ladder. */
function checkLadder(certificate: Certificate): void {
  const { ranking, funnel, outcome } = certificate;
  const excluded = funnel.registered - ranking.considered;
  const fits = (i: number): boolean => {
    const { k, n, g, s } = sizeLadder[i] as (typeof sizeLadder)[number];
    const isLast = i === sizeLadder.length - 1;
    return (
      ranking.best.length === Math.min(k, ranking.considered) &&
      (funnel.other === 0 ? funnel.exclusions.length <= g : funnel.exclusions.length === g) &&
      funnel.exclusions.every(({ sample, count }) => sample.length === Math.min(s, count)) &&
      (outcome.decision === 'routed' || outcome.nearest.length === Math.min(n, excluded)) &&
      (isLast || utf8(canonicalText(certificate)).length <= 16_384)
    );
  };
  const some = sizeLadder.some((_, i) => fits(i));
  expectThat(some, 'funnel_wrong', '', 'lists as long as one row of the size ladder says');
}

function checkRouted({ inputs, ranking }: Certificate, outcome: Routed): void {
  const { selected, chain, route_class, constraints, promise } = outcome;
  const { request } = inputs;
  const most = request.fallback?.max_services ?? 1;
  expectThat(chain.length <= most, 'outcome_wrong', '/outcome/chain', `at most ${most} services`);
  expectEqual('outcome_wrong', '/outcome/selected', chain[0], selected);
  for (const [i, member] of chain.entries()) {
    const ranked = ranking.best[i];
    if (ranked === undefined) continue;
    const { service, version, contract }: ServiceReference = ranked;
    expectEqual('outcome_wrong', pointer('/outcome/chain', i), { service, version, contract }, member);
  }
  const distinct = new Set(chain.map(({ service }) => service)).size === chain.length;
  expectThat(distinct, 'outcome_wrong', '/outcome/chain', 'each service once');
  expectThat(
    chain.length <= ranking.considered,
    'outcome_wrong',
    '/outcome/chain',
    'a prefix of the ranking',
  );
  const routeClass = chain.length === 1 ? 'single' : 'fallback_chain';
  expectSame('outcome_wrong', '/outcome/route_class', routeClass, route_class);

  const { max_cost_micro_usd: budget, max_latency_micros: limit } = request.budget;
  for (const [name, values] of Object.entries(constraints) as [string, readonly number[]][]) {
    const path = pointer('/outcome/constraints', name);
    for (const [i, value] of values.entries()) {
      expectThat(value <= 0, 'outcome_wrong', pointer(path, i), `at most 0, found ${value}`);
    }
  }
  const [budgets, latencies] = [constraints.budget.length, constraints.latency.length];
  expectSame('outcome_wrong', '/outcome/constraints/budget', budget === undefined ? 0 : 1, budgets);
  expectSame('outcome_wrong', '/outcome/constraints/latency', limit === undefined ? 0 : 1, latencies);

  const path = '/outcome/promise';
  const promised = (property: Property) => boundValue(promise.guarantees[property], property);
  const [kept] = guaranteeFindings(promised, request);
  expectThat(kept === undefined, 'outcome_wrong', `${path}/guarantees`, `${kept?.ref} as strong as required`);
  const cost = promise.cost_micro_usd;
  const affordable = budget === undefined || (cost !== undefined && cost <= budget);
  expectThat(affordable, 'outcome_wrong', `${path}/cost_micro_usd`, `at most the budget, ${budget}`);
  for (const bound of [limit, promised('latency_max_micros')]) {
    const inTime = bound === undefined || promise.deadline_micros <= bound;
    expectThat(inTime, 'outcome_wrong', `${path}/deadline_micros`, `at most ${bound}`);
  }
}

function checkRefused({ funnel }: Certificate, outcome: Refused): void {
  const empty = funnel.steps.find(({ left }) => left === 0)?.step;
  // With nobody registered the funnel cannot tell whether authentication held: level 2 can.
  const steps = funnel.registered === 0 ? ['authentication', 'matching'] : [empty];
  const known = steps.includes(outcome.step);
  expectThat(
    known,
    'outcome_wrong',
    '/outcome/step',
    `the first step that left nothing, ${steps.join(' or ')}`,
  );
  for (const [i, miss] of outcome.nearest.entries()) {
    const path = pointer('/outcome/nearest', i);
    const codes: readonly Code[] = stepCodes[miss.step];
    const right = miss.lacked.every(({ code }) => codes.includes(code));
    expectThat(right, 'outcome_wrong', `${path}/lacked`, `codes of the step ${miss.step}`);
    const { entered = 0, left = 0 } = funnel.steps.find(({ step }) => step === miss.step) ?? {};
    const sameStep = outcome.nearest.filter(({ step }) => step === miss.step).length;
    expectThat(
      sameStep <= entered - left,
      'outcome_wrong',
      `${path}/step`,
      'a step that services went out at',
    );
    const before = outcome.nearest[i - 1];
    if (before === undefined) continue;
    const order = stepOrder.indexOf(miss.step) - stepOrder.indexOf(before.step);
    const sorted = order < 0 || (order === 0 && byCodePoint(before.service, miss.service) < 0);
    expectThat(sorted, 'outcome_wrong', path, 'the latest step first, then id');
  }
}
