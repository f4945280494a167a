// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { authenticationFindings } from './authentication.js';
import { byCodePoint } from './canonical.js';
import type { Certificate, Finding, Funnel, Step } from './certificate-document.js';
import { stepOrder } from './certificate-document.js';
import { constraintsOf } from './constraints.js';
import type { DecisionInputs } from './decision-inputs.js';
import type { Contract, State } from './documents.js';
import { matchingFindings } from './matching.js';
import { clearContextFields, readyRules, ruleContext, ruleFindings } from './policy-rules.js';
import { securityFindings } from './security.js';

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

/** The first step that left nothing; with nobody registered that is matching, unless authentication failed. */
export function emptyStep(narrowing: Narrowing, authenticated: boolean): Step {
  if (!authenticated) return 'authentication';
  if (narrowing.registered === 0) return 'matching';
  return narrowing.steps.find(({ left }) => left === 0)?.step as Step;
}
