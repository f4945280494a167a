// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint, canonicalBytes } from './canonical.js';
import { chainOf, promiseOf } from './composition.js';
import { digest, setRoot } from './digest.js';
import { type Caller, type Certificate, type CertificateInputs, type Contract, type ExclusionGroup, type Finding, type Funnel, type NearestMiss, type ProofStatement, type Provenance, type RankedService, type Refused, type Request, type Routed, type ServiceReference, type State, type StateRoots, type Step, stepOrder } from './documents.js';
import { clearContextFields, readyRules, ruleContext, ruleFindings } from './policy-rules.js';
import { rank, type Scored, termsOf, totalOf } from './score.js';
import { authenticationFindings, constraintsOf, matchingFindings, securityFindings } from './steps.js';

/** What is given beside the state. */
export interface DecisionInputs {
  readonly request: Request;
  readonly commitments: { readonly [name: string]: string };
  readonly caller: Caller;
  readonly time: number;
  readonly seed: number;
  readonly seedOrigin: 'caller' | 'server';
}

/** The request names a profile that the parameters do not define: invalid before step 0. */
export class UnknownProfile extends Error {}

export function rootsOf(state: State): StateRoots {
  const { contracts, policies, parameters, history, availability } = state;
  return {
    registry: setRoot(contracts.map((v) => ({ id: v.id, digest: digest('caio/contract/v1', v) }))),
    policies: setRoot(policies.map((v) => ({ id: v.id, digest: digest('caio/policy/v1', v) }))),
    parameters: digest('caio/parameters/v1', parameters),
    history: setRoot(history.rows.map((v) => ({ id: v.service, digest: digest('caio/history-row/v1', v) }))),
    history_from: history.from,
    history_to: history.to,
    availability: setRoot(
      availability.map((v) => ({ id: v.service, digest: digest('caio/availability-row/v1', v) })),
    ),
    as_of: state.as_of,
  };
}

/** Which inputs are derived, opened and attested (calculus, section 4). */
export function provenanceOf(method: Caller['method'], seedOrigin: 'caller' | 'server'): Provenance {
  const opened = ['/commitments', '/request', '/request_digest'];
  const attested = ['/time'];
  (method === 'jwt' ? opened : attested).push('/caller');
  (seedOrigin === 'caller' ? opened : attested).push('/seed', '/seed_origin');
  return { derived: ['/state'], opened: opened.sort(byCodePoint), attested: attested.sort(byCodePoint) };
}

export function certificateInputs(state: State, given: DecisionInputs): CertificateInputs {
  return {
    request: given.request,
    request_digest: digest('caio/request/v1', given.request),
    commitments: given.commitments,
    caller: given.caller,
    time: given.time,
    seed: given.seed,
    seed_origin: given.seedOrigin,
    state: rootsOf(state),
    provenance: provenanceOf(given.caller.method, given.seedOrigin),
  };
}

/** A service that went out, at which step, and its failing predicates of that step. */
export interface Exclusion {
  readonly service: string;
  readonly step: Step;
  readonly findings: readonly Finding[];
}

/** Steps 0 to 4: who went in and out where, and who is left. */
export interface Narrowing {
  readonly registered: number;
  readonly steps: Funnel['steps'];
  readonly exclusions: readonly Exclusion[];
  readonly constrained: readonly Contract[];
  readonly rules: Certificate['rules'];
}

export function narrow(state: State, given: DecisionInputs): Narrowing {
  const { parameters, policies } = state;
  const { request, caller, time } = given;
  const unavailable = new Map(state.availability.map((row) => [row.service, row]));
  const refusedCaller = authenticationFindings(caller, time, parameters);
  const context = ruleContext(request, caller, time, clearContextFields(policies));
  const rules = readyRules(policies, context);
  const fired = refusedCaller.length > 0 ? [] : rules.filter((rule) => rule.when === true);
  const predicates: { readonly [S in Step]: (service: Contract) => readonly Finding[] } = {
    authentication: () => refusedCaller,
    matching: (service) => matchingFindings(service, unavailable.get(service.id), request, parameters),
    rules: (service) => ruleFindings(service, rules, context),
    security: (service) => securityFindings(service, request, caller, parameters),
    constraints: (service) => constraintsOf(service, request, parameters).findings,
  };
  let left: readonly Contract[] = [...state.contracts].sort((a, b) => byCodePoint(a.id, b.id));
  const registered = left.length;
  const steps: { step: Step; entered: number; left: number }[] = [];
  const exclusions: Exclusion[] = [];
  for (const step of stepOrder) {
    const entered = left;
    const through: Contract[] = [];
    for (const service of entered) {
      const findings = predicates[step](service);
      if (findings.length === 0) through.push(service);
      else exclusions.push({ service: service.id, step, findings });
    }
    left = through;
    steps.push({ step, entered: entered.length, left: left.length });
  }
  const first = fired.slice(0, 16).map((rule) => rule.key);
  return {
    registered,
    steps,
    exclusions,
    constrained: left,
    rules: { total: rules.length, fired: fired.length, first },
  };
}

/** How much of the explanation is kept: best k, nearest n, groups g, samples s. */
export interface Sizes {
  readonly k: number;
  readonly n: number;
  readonly g: number;
  readonly s: number;
}

const largest = 16_384;
export const sizeLadder: readonly Sizes[] = [
  { k: 16, n: 8, g: 32, s: 3 },
  { k: 8, n: 8, g: 32, s: 1 },
  { k: 8, n: 4, g: 16, s: 1 },
  { k: 4, n: 2, g: 8, s: 1 },
  { k: 1, n: 1, g: 4, s: 0 },
];

/** Services grouped by (step, code, ref) of their first finding, the largest groups first. */
export function groupsOf(
  exclusions: readonly Exclusion[],
): (ExclusionGroup & { readonly sample: string[] })[] {
  const groups = new Map<string, ExclusionGroup & { count: number; readonly sample: string[] }>();
  for (const { service, step, findings } of exclusions) {
    const { code, ref } = findings[0] as Finding;
    const key = `${step} ${code} ${ref}`;
    const group = groups.get(key) ?? { step, code, ref, count: 0, sample: [] };
    group.count += 1;
    group.sample.push(service);
    groups.set(key, group);
  }
  for (const group of groups.values()) group.sample.sort(byCodePoint);
  return [...groups.values()].sort(
    (a, b) =>
      b.count - a.count ||
      stepOrder.indexOf(a.step) - stepOrder.indexOf(b.step) ||
      byCodePoint(a.code, b.code) ||
      byCodePoint(a.ref, b.ref),
  );
}

export function funnelOf(narrowing: Narrowing, { g, s }: Sizes): Funnel {
  const groups = groupsOf(narrowing.exclusions);
  const exclusions = groups.slice(0, g).map((group) => ({ ...group, sample: group.sample.slice(0, s) }));
  const other = groups.slice(g).reduce((sum, group) => sum + group.count, 0);
  return { registered: narrowing.registered, steps: narrowing.steps, exclusions, other };
}

/** Excluded services that came furthest: latest step first, then id; at most four findings each. */
export function nearestOf(exclusions: readonly Exclusion[], n: number): NearestMiss[] {
  const order = (exclusion: Exclusion) => stepOrder.indexOf(exclusion.step);
  return [...exclusions]
    .sort((a, b) => order(b) - order(a) || byCodePoint(a.service, b.service))
    .slice(0, n)
    .map(({ service, step, findings }) => ({ service, step, lacked: findings.slice(0, 4) }));
}

/** The first step that left nothing; with nobody registered that is matching, unless authentication failed. */
function emptyStep(narrowing: Narrowing, authenticated: boolean): Step {
  if (!authenticated) return 'authentication';
  if (narrowing.registered === 0) return 'matching';
  return narrowing.steps.find(({ left }) => left === 0)?.step as Step;
}

export function referenceTo(contract: Contract): ServiceReference {
  return {
    service: contract.id,
    version: contract.version,
    contract: digest('caio/contract/v1', contract),
  };
}

/** The statements of section 5: property, statement, evidence. */
export const routedStatements: readonly ProofStatement[] = [
  {
    property: 'contract_matching',
    statement:
      'the selected service is available and its contract meets every required capability, guarantee and limit',
    evidence: ['/inputs/request/requirements', '/inputs/state', '/outcome/selected'],
  },
  {
    property: 'rule_satisfaction',
    statement: 'every rule that fires for this request is satisfied by every service of the chain',
    evidence: ['/inputs/state/policies', '/rules', '/outcome/chain'],
  },
  {
    property: 'authentication',
    statement:
      "the caller's credential names an accepted method, issuer and audience and was valid at the time of the decision",
    evidence: ['/inputs/caller', '/inputs/time'],
  },
  {
    property: 'authorization',
    statement: 'the caller holds the permissions that every service of the chain requires',
    evidence: ['/inputs/caller/permissions', '/outcome/chain'],
  },
  {
    property: 'privacy',
    statement:
      'sensitive data goes only where it stays local or is encrypted, and only to declared jurisdictions',
    evidence: ['/inputs/request/data', '/outcome/promise'],
  },
  {
    property: 'trust',
    statement: "the caller's trust level is at least the level that every service of the chain requires",
    evidence: ['/inputs/caller/trust_level', '/outcome/chain'],
  },
  {
    property: 'boundary',
    statement: "the caller's tenant is admitted and the zones are allowed for it",
    evidence: ['/inputs/caller/tenant', '/outcome/chain'],
  },
  {
    property: 'trait_constraints',
    statement: 'every component of every constraint function is at most zero',
    evidence: ['/outcome/constraints'],
  },
  {
    property: 'optimality',
    statement: 'no service of the constrained set ranks above the selected one',
    evidence: ['/ranking', '/inputs/seed'],
  },
  {
    property: 'guarantee_preservation',
    statement:
      'the promise is implied by the contracts of the chain and keeps every required guarantee and limit',
    evidence: ['/outcome/promise', '/outcome/chain'],
  },
];

export const refusedStatements: readonly ProofStatement[] = [
  {
    property: 'exhaustion',
    statement: 'every registered service fails at least one predicate',
    evidence: ['/funnel', '/outcome/nearest'],
  },
];

function routedOutcome(ranked: readonly Contract[], state: State, request: Request): Routed {
  const chain = chainOf(ranked, request, state.parameters);
  const selected = chain[0] as Contract;
  return {
    decision: 'routed',
    selected: referenceTo(selected),
    route_class: chain.length === 1 ? 'single' : 'fallback_chain',
    chain: chain.map(referenceTo),
    constraints: constraintsOf(selected, request, state.parameters).values,
    promise: promiseOf(chain, request, state.parameters),
    control: { kappa_ppm: 0, u: [] },
  };
}

/** The whole certificate from the whole state. Throws UnknownProfile when the request names none of the parameters'. */
export function rederive(state: State, given: DecisionInputs): Certificate {
  const { request, caller, time, seed } = given;
  const { profiles } = state.parameters;
  const weights = Object.hasOwn(profiles, request.profile) ? profiles[request.profile] : undefined;
  if (weights === undefined) throw new UnknownProfile(`no profile ${request.profile}`);
  const inputs = certificateInputs(state, given);
  const narrowing = narrow(state, given);
  const history = new Map(state.history.rows.map((row) => [row.service, row]));
  const scored = narrowing.constrained.map((contract): Scored => {
    const terms = termsOf(contract, history.get(contract.id), request, state.parameters);
    return { contract, terms, total: totalOf(weights, terms) };
  });
  const ranked = rank(scored, seed, inputs.request_digest);
  const authenticated = authenticationFindings(caller, time, state.parameters).length === 0;
  const routed =
    ranked.length === 0
      ? undefined
      : routedOutcome(
          ranked.map(({ contract }) => contract),
          state,
          request,
        );
  const best = ranked
    .slice(0, 16)
    .map(({ contract, terms, total }): RankedService => ({ ...referenceTo(contract), terms, total }));
  const assemble = (sizes: Sizes): Certificate => ({
    type: 'caio/certificate/v1',
    id: digest('caio/decision/v1', inputs),
    inputs,
    funnel: funnelOf(narrowing, sizes),
    rules: narrowing.rules,
    ranking: { considered: ranked.length, best: best.slice(0, sizes.k) },
    outcome: routed ?? refusedOutcome(narrowing, authenticated, sizes),
    proofs: routed === undefined ? refusedStatements : routedStatements,
  });
  const fits = (certificate: Certificate) => canonicalBytes(certificate).length <= largest;
  const assembled = sizeLadder.map(assemble);
  return assembled.find(fits) ?? (assembled.at(-1) as Certificate);
}

function refusedOutcome(narrowing: Narrowing, authenticated: boolean, sizes: Sizes): Refused {
  return {
    decision: 'refused',
    step: emptyStep(narrowing, authenticated),
    nearest: nearestOf(narrowing.exclusions, sizes.n),
  };
}
