// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { authenticationFindings } from './authentication.js';
import type { Bundle, BundleLevel2, BundleLevel3, Included, MemberEvidence, SetAbsence } from './bundle.js';
import type { Certificate, Finding, Routed, Step } from './certificate-document.js';
import { referenceTo } from './certificate.js';
import { chainOf, promiseOf } from './composition.js';
import { constraintsOf } from './constraints.js';
import { digest, setRoot } from './digest.js';
import type { AvailabilityRow, Contract, HistoryRow, Parameters, Policy, State, Weights } from './documents.js';
import type { VerificationCode } from './falsehood.js';
import { expectSame, expectThat, Falsehood, pointer } from './falsehood.js';
import type { Neighbour } from './inclusion.js';
import { absenceFault, rootOfInclusion } from './inclusion.js';
import { expectEqual } from './level-one.js';
import { matchingFindings } from './matching.js';
import { clearContextFields, readyRules, ruleContext, ruleFindings } from './policy-rules.js';
import { termsOf, totalOf } from './score.js';
import { securityFindings } from './security.js';

/** A service of the chain, shown to be in the state, with its row of history and that it is available. */
interface ProvedMember {
  readonly contract: Contract;
  readonly history: HistoryRow | undefined;
  /** Where the evidence is, for messages. */
  readonly path: string;
}

const emptySet = setRoot([]);

export function checkParameters(certificate: Certificate, parameters: Parameters): void {
  expectSame(
    'parameters_digest_wrong',
    '/parameters',
    certificate.inputs.state.parameters,
    digest('caio/parameters/v1', parameters),
  );
  weightsOf(certificate, parameters);
}

function weightsOf({ inputs }: Certificate, { profiles }: Parameters): Weights {
  const { profile } = inputs.request;
  const weights = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (weights !== undefined) return weights;
  throw new Falsehood('profile_unknown', '/inputs/request/profile', `expected a profile, found ${profile}`);
}

export function checkPolicies(certificate: Certificate, policies: readonly Policy[]): void {
  const items = policies.map((policy) => ({ id: policy.id, digest: digest('caio/policy/v1', policy) }));
  expectSame('policies_root_wrong', '/policies', certificate.inputs.state.policies, setRoot(items));
}

/** Steps 0 to 4 and 7 for every service of the chain, its terms, and all rules. */
export function checkCorrect(certificate: Certificate, bundle: Exclude<Bundle, { level: 1 }>): void {
  checkParameters(certificate, bundle.parameters);
  checkPolicies(certificate, bundle.policies);
  if (certificate.outcome.decision === 'refused' && bundle.level === 2) {
    expectSame('member_mismatch', '/members', 0, bundle.members.length);
  }
  checkSteps(certificate, bundle, (outcome) =>
    bundle.level === 2 ? provedMembers(certificate, outcome, bundle) : membersOfState(outcome, bundle),
  );
}

/** The same against a state that is known to be the one whose digests the certificate names. */
export function checkCorrectIn(certificate: Certificate, state: State): void {
  const rows = { ...state, history: state.history.rows };
  checkSteps(certificate, state, (outcome) => membersOfState(outcome, rows));
}

interface Rulebook {
  readonly parameters: Parameters;
  readonly policies: readonly Policy[];
}

function checkSteps(
  certificate: Certificate,
  rulebook: Rulebook,
  membersOf: (outcome: Routed) => readonly ProvedMember[],
): void {
  const { parameters, policies } = rulebook;
  const weights = weightsOf(certificate, parameters);
  checkAuthentication(certificate, parameters);
  checkRulesFired(certificate, policies, parameters);
  for (const [i, { terms, total }] of certificate.ranking.best.entries()) {
    expectSame('terms_wrong', `/ranking/best/${i}/total`, totalOf(weights, terms), total);
  }
  const { outcome } = certificate;
  if (outcome.decision === 'refused') return;
  const members = membersOf(outcome);
  for (const [i, member] of members.entries()) checkMember(certificate, outcome, i, member, rulebook);
  checkPromise(certificate, outcome, members, parameters);
}

/** Step 0 is the same for all services: either nobody passes it, for the reason that is given, or everybody does. */
function checkAuthentication(certificate: Certificate, parameters: Parameters): void {
  const { inputs, funnel, outcome } = certificate;
  const findings = authenticationFindings(inputs.caller, inputs.time, parameters);
  const [first] = findings;
  const says = outcome.decision === 'refused' && outcome.step === 'authentication';
  if (first === undefined) {
    expectThat(!says, 'outcome_wrong', '/outcome/step', 'a later step: the evidence about the caller holds');
    return;
  }
  expectThat(says, 'authentication_fails', '/inputs/caller', `a refusal at authentication: ${first.code}`);
  const [step] = funnel.steps;
  expectSame('funnel_wrong', '/funnel/steps/0/left', 0, step?.left);
  const [group] = funnel.exclusions;
  if (group !== undefined) expectSame('funnel_wrong', '/funnel/exclusions/0/code', first.code, group.code);
  for (const [i, { lacked }] of outcome.decision === 'refused' ? outcome.nearest.entries() : []) {
    expectEqual('outcome_wrong', `/outcome/nearest/${i}/lacked`, findings.slice(0, 4), lacked);
  }
}

function checkRulesFired(
  certificate: Certificate,
  policies: readonly Policy[],
  parameters: Parameters,
): void {
  const { request, caller, time } = certificate.inputs;
  const authenticated = authenticationFindings(caller, time, parameters).length === 0;
  const rules = readyRules(policies, ruleContext(request, caller, time, clearContextFields(policies)));
  const fired = authenticated ? rules.filter((rule) => rule.when === true) : [];
  const first = fired.slice(0, 16).map(({ key }) => key);
  expectEqual(
    'rules_wrong',
    '/rules',
    { total: rules.length, fired: fired.length, first },
    certificate.rules,
  );
}

/** Evidence of a level 2 bundle: inclusion and absence under the roots of the certificate. */
function provedMembers(certificate: Certificate, outcome: Routed, bundle: BundleLevel2): ProvedMember[] {
  const { state } = certificate.inputs;
  expectSame('member_mismatch', '/members', outcome.chain.length, bundle.members.length);
  return bundle.members.map((member, i) => {
    const path = pointer('/members', i);
    checkIncludedContract(certificate, member, path);
    const { history, availability, contract } = member;
    const historySize = 'row' in history ? history.inclusion.size : history.size;
    expectSame('history_root_wrong', `${path}/history`, state.history_rows, historySize);
    expectSame(
      'availability_root_wrong',
      `${path}/availability/size`,
      state.availability_rows,
      availability.size,
    );
    const row = 'row' in history ? checkIncludedRow(contract.id, history, state.history, path) : undefined;
    if (!('row' in history)) {
      const item = ({ service, ...rest }: HistoryRow) => ({
        id: service,
        digest: digest('caio/history-row/v1', { service, ...rest }),
      });
      checkAbsence('history_root_wrong', contract.id, history, state.history, `${path}/history`, item);
    }
    const item = (absent: AvailabilityRow) => ({
      id: absent.service,
      digest: digest('caio/availability-row/v1', absent),
    });
    checkAbsence(
      'availability_root_wrong',
      contract.id,
      availability,
      state.availability,
      `${path}/availability`,
      item,
    );
    return { contract, history: row, path };
  });
}

function checkIncludedContract(certificate: Certificate, member: MemberEvidence, path: string): void {
  const { contract, inclusion } = member;
  const { registered } = certificate.funnel;
  expectSame('registry_root_wrong', `${path}/inclusion/size`, registered, inclusion.size);
  const item = { id: contract.id, digest: digest('caio/contract/v1', contract) };
  const root = rootOfInclusion(item, inclusion);
  expectSame('registry_root_wrong', `${path}/inclusion`, certificate.inputs.state.registry, root);
}

function checkIncludedRow(
  id: string,
  { row, inclusion }: Included<HistoryRow>,
  root: string,
  path: string,
): HistoryRow {
  expectSame('member_mismatch', `${path}/history/row/service`, id, row.service);
  const found = rootOfInclusion({ id, digest: digest('caio/history-row/v1', row) }, inclusion);
  expectSame('history_root_wrong', `${path}/history/inclusion`, root, found);
  return row;
}

function checkAbsence<Row>(
  code: VerificationCode,
  id: string,
  { size, before, after }: SetAbsence<Row>,
  root: string,
  path: string,
  item: (row: Row) => Neighbour['item'],
): void {
  const neighbour = (included: Included<Row> | undefined): Neighbour | undefined =>
    included && { item: item(included.row), inclusion: included.inclusion };
  const fault = absenceFault(id, root, size, neighbour(before), neighbour(after), emptySet);
  expectThat(fault === undefined, code, path, `a proof that ${id} has no row, found ${fault}`);
}

/** Evidence of a level 3 bundle: the rows themselves; that they are the whole state is level 3's to check. */
function membersOfState(
  outcome: Routed,
  bundle: Pick<BundleLevel3, 'contracts' | 'history' | 'availability'>,
): ProvedMember[] {
  return outcome.chain.map(({ service }, i) => {
    const path = pointer('/outcome/chain', i);
    const contract = bundle.contracts.find(({ id }) => id === service);
    if (contract === undefined)
      throw new Falsehood('member_mismatch', path, `expected a contract of ${service}`);
    const row = bundle.availability.find((other) => other.service === service);
    expectThat(row === undefined, 'matching_fails', path, `an available service, found ${row?.state}`);
    return { contract, history: bundle.history.find((other) => other.service === service), path };
  });
}

const failureCodes: { readonly [S in Step]: VerificationCode } = {
  authentication: 'authentication_fails',
  matching: 'matching_fails',
  rules: 'rules_fail',
  security: 'security_fails',
  constraints: 'constraints_fail',
};

function checkMember(
  certificate: Certificate,
  outcome: Routed,
  i: number,
  { contract, history, path }: ProvedMember,
  { parameters, policies }: Rulebook,
): void {
  const { request, caller, time } = certificate.inputs;
  expectEqual('member_mismatch', pointer('/outcome/chain', i), referenceTo(contract), outcome.chain[i]);
  const context = ruleContext(request, caller, time, clearContextFields(policies));
  const constrained = constraintsOf(contract, request, parameters);
  const findings: { readonly [S in Step]: readonly Finding[] } = {
    authentication: authenticationFindings(caller, time, parameters),
    matching: matchingFindings(contract, undefined, request, parameters),
    rules: ruleFindings(contract, readyRules(policies, context), context),
    security: securityFindings(contract, request, caller, parameters),
    constraints: constrained.findings,
  };
  for (const [step, [first]] of Object.entries(findings) as [Step, readonly Finding[]][]) {
    const what = `${contract.id} to pass ${step}, found ${first?.code} ${first?.ref}`;
    expectThat(first === undefined, failureCodes[step], path, what);
  }
  if (i === 0) {
    expectEqual('constraint_values_wrong', '/outcome/constraints', constrained.values, outcome.constraints);
  }
  const ranked = certificate.ranking.best[i];
  const terms = termsOf(contract, history, request, parameters);
  if (ranked !== undefined) expectEqual('terms_wrong', `/ranking/best/${i}/terms`, terms, ranked.terms);
}

/** The composite of the chain keeps everything, and promises exactly what is promised. */
function checkPromise(
  certificate: Certificate,
  outcome: Routed,
  members: readonly ProvedMember[],
  parameters: Parameters,
): void {
  const { request } = certificate.inputs;
  const contracts = members.map(({ contract }) => contract);
  const kept = chainOf(contracts, request, parameters);
  const what = 'a chain whose composite keeps every required guarantee and limit';
  expectThat(kept.length === contracts.length, 'chain_wrong', '/outcome/chain', what);
  const promise = promiseOf(contracts, request, parameters);
  expectEqual('promise_wrong', '/outcome/promise', promise, outcome.promise);
}
