import { fullBitset } from '../kernel/bitset.js';
import { constraintPredicates } from '../optimization/constraints.js';
import { matchingPredicates } from '../registry/matching.js';
import { authenticationFindings } from '../security/authentication.js';
import { securityPredicates } from '../security/predicates.js';
import {
  type Authentic,
  type Candidates,
  type Constrained,
  type Filtered,
  type Secure,
  takeStep,
} from './narrowing.js';
import type { Question } from './question.js';
import { firedRules, rulePredicates } from './rule-predicates.js';

/** 3.0: the credential's recorded evidence holds, for all services or for none. */
export function authenticate(question: Question): Authentic {
  const { inputs, snapshot } = question;
  const all = fullBitset(snapshot.registry.contracts.length);
  const findings = authenticationFindings(inputs.caller, inputs.time, snapshot.state.parameters);
  const predicates = findings.map((code) => ({ code, ref: '', fails: () => all }));
  const begun = { question, taken: [], left: all, fired: [] };
  return takeStep(begun, 'authentication', predicates) as Authentic;
}

/** 3.1: available services whose contracts meet the requirements. */
export function matchContracts(authentic: Authentic): Candidates {
  const { inputs, snapshot, tokens } = authentic.question;
  const predicates = matchingPredicates(inputs.request, tokens, snapshot.registry, snapshot.unavailable);
  return takeStep(authentic, 'matching', predicates) as Candidates;
}

/** 3.2: every rule that fires is satisfied. */
export function applyRules(candidates: Candidates): Filtered {
  const fired = firedRules(candidates);
  return takeStep(candidates, 'rules', rulePredicates(candidates.question, fired), fired.rules) as Filtered;
}

/** 3.3: authorized, private, trusted, in boundary. */
export function applySecurity(filtered: Filtered): Secure {
  const { inputs, snapshot } = filtered.question;
  const { registry, state } = snapshot;
  const predicates = securityPredicates(inputs.request, inputs.caller, state.parameters, registry.index);
  return takeStep(filtered, 'security', predicates) as Secure;
}

/** 3.4: every component of every constraint function is at most 0. */
export function applyConstraints(secure: Secure): Constrained {
  return takeStep(
    secure,
    'constraints',
    constraintPredicates(constraintInputs(secure.question)),
  ) as Constrained;
}

export function constraintInputs({ inputs, snapshot, cost }: Question) {
  const { registry, state } = snapshot;
  return { request: inputs.request, parameters: state.parameters, index: registry.index, cost };
}
