import type { Certificate } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Problem } from '../kernel/problem.js';
import { ok, type Result } from '../kernel/result.js';
import { certify, refuse } from './certify.js';
import { compose } from './compose.js';
import { control } from './control-step.js';
import { admissible } from './narrowing.js';
import {
  applyConstraints,
  applyRules,
  applySecurity,
  authenticate,
  matchContracts,
} from './narrowing-steps.js';
import { optimise } from './optimise.js';
import { type DecisionInputs, openQuestion } from './question.js';
import type { Snapshot } from './snapshot.js';

export interface Decision {
  readonly certificate: Certificate;
  /** The contracts that may be called, in order, the selected first; empty for a refusal. */
  readonly chain: readonly Contract[];
}

/**
 * The master equation (docs/math/CAIO_MASTER_CALCULUS.md): CAIO(r, c, S, w, t, σ) = certificate. Pure and synchronous; routed and
 * refused are both decisions. Problems only where there is no question to decide: `unknown_profile`, `document_too_large`.
 *
 * INVARIANT(INV-CAIO-0001): reads nothing but its arguments, so equal arguments give equal bytes.
 */
export function decide(inputs: DecisionInputs, snapshot: Snapshot): Result<Decision, readonly Problem[]> {
  const question = openQuestion(inputs, snapshot);
  if (!question.ok) return question;
  const authentic = authenticate(question.value); // 3.0
  const candidates = matchContracts(authentic); // 3.1
  const filtered = applyRules(candidates); // 3.2
  const secure = applySecurity(filtered); // 3.3
  const constrained = applyConstraints(secure); // 3.4
  const choice = admissible(constrained);
  if (choice === undefined) return ok({ certificate: refuse(constrained), chain: [] });
  const optimised = optimise(choice); // 3.5
  const controlled = control(optimised); // step 6
  const promised = compose(controlled); // 3.7
  return ok({ certificate: certify(promised), chain: promised.chain }); // step 8
}
