import { type ExclusionCode, type Step, steps } from '../contracts/certificate.js';
import { type Bitset, isEmptyBitset } from '../kernel/bitset.js';
import type { Brand } from '../kernel/brand.js';
import { Defect } from '../kernel/errors.js';
import { type Narrowed, narrow, type Predicate } from '../kernel/predicate.js';
import type { CompiledRule } from '../rules/policy.js';
import type { Question } from './question.js';

/** A step that has been taken: who entered, who is left, and the first findings of the others. */
export interface StepTaken extends Narrowed<ExclusionCode> {
  readonly step: Step;
}

/** A question on its way through the narrowing steps. */
export interface Trail {
  readonly question: Question;
  readonly taken: readonly StepTaken[];
  readonly left: Bitset;
  /** Rules whose `when` is true, in order of keys. */
  readonly fired: readonly CompiledRule[];
}

/** One brand a step: each is made by its step alone and is the only key to the next, so none can be left out. */
export type Authentic = Brand<Trail, 'authentic'>;
export type Candidates = Brand<Trail, 'candidates'>;
export type Filtered = Brand<Trail, 'filtered'>;
export type Secure = Brand<Trail, 'secure'>;
export type Constrained = Brand<Trail, 'constrained'>;
/** A constrained set that is not empty: the key to optimisation. */
export type Admissible = Brand<Trail, 'admissible'>;

/** The trail after one more step. INVARIANT: a service once out never returns, for `left` is a part of what entered. */
export function takeStep(
  trail: Trail,
  step: Step,
  predicates: readonly Predicate<ExclusionCode>[],
  fired = trail.fired,
): Trail {
  if (steps[trail.taken.length] !== step) throw new Defect('invariant_broken', `${step} is out of turn`);
  const narrowed = narrow(trail.left, predicates);
  return {
    question: trail.question,
    taken: [...trail.taken, { step, ...narrowed }],
    left: narrowed.left,
    fired,
  };
}

/** The constrained set, if it is not empty. */
export function admissible(constrained: Constrained): Admissible | undefined {
  const trail: Trail = constrained;
  return isEmptyBitset(trail.left) ? undefined : (trail as Admissible);
}
