import type { ConstraintValues, exclusionCodes } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Request } from '../contracts/request.js';
import { addBit, type Bitset, complement, emptyBitset, hasBit, positionsOf } from '../kernel/bitset.js';
import type { FacetIndex } from '../kernel/facet-index.js';
import { compareCodePoints } from '../kernel/merkle.js';
import type { Predicate } from '../kernel/predicate.js';

type ConstraintCode = (typeof exclusionCodes)['constraints'][number];
type ConstraintPredicate = Predicate<ConstraintCode>;

/** What the constraint functions read: `cost` gives micro-USD at a position, NaN when unknown. */
export interface ConstraintInputs {
  readonly request: Request;
  readonly parameters: Parameters;
  readonly index: FacetIndex<Contract>;
  readonly cost: (position: number) => number;
}

/** The components of the constraint functions in order, as predicates: a component fails where it is above 0 (calculus 3.4). */
export function constraintPredicates(inputs: ConstraintInputs): readonly ConstraintPredicate[] {
  return [
    ...budgetPredicates(inputs),
    ...latencyPredicates(inputs),
    ...safetyPredicates(inputs),
    ...policyPredicates(inputs),
    ...traitPredicates(inputs),
  ];
}

function budgetPredicates({ request, cost }: ConstraintInputs): readonly ConstraintPredicate[] {
  const budget = request.budget.max_cost_micro_usd;
  if (budget === undefined) return [];
  return [
    { code: 'cost_unknown', ref: '', fails: where((position) => Number.isNaN(cost(position))) },
    { code: 'budget_exceeded', ref: '', fails: where((position) => cost(position) > budget) },
  ];
}

function latencyPredicates({ request, index }: ConstraintInputs): readonly ConstraintPredicate[] {
  const limit = request.budget.max_latency_micros;
  if (limit === undefined) return [];
  const latency = index.column('scoring_latency');
  return [
    { code: 'latency_unknown', ref: '', fails: where((position) => Number.isNaN(latency[position])) },
    { code: 'latency_exceeded', ref: '', fails: where((position) => (latency[position] as number) > limit) },
  ];
}

function safetyPredicates({ request, parameters, index }: ConstraintInputs): readonly ConstraintPredicate[] {
  const { forbidden, harmful, unsafe } = actionClasses(request, parameters);
  return [
    ...firstOf('action_forbidden', forbidden, (action) => index.members('action', action)),
    ...firstOf('action_harmful', harmful, (action) => index.members('action', action)),
    ...firstOf('action_unsafe', unsafe, (action) => index.members('action', action)),
  ];
}

function policyPredicates({ request, index }: ConstraintInputs): readonly ConstraintPredicate[] {
  const { on_device, certifications } = request.requirements.constraints;
  const elsewhere = () => lacking(index, 'constraint', 'on_device');
  return [
    ...(on_device ? [{ code: 'on_device_required', ref: '', fails: elsewhere } as const] : []),
    ...firstOf('certification_missing', certifications, (name) => lacking(index, 'certification', name)),
  ];
}

function traitPredicates({ request, parameters, index }: ConstraintInputs): readonly ConstraintPredicate[] {
  const binding = bindingTraits(request, parameters);
  const risk = index.column('risk');
  const risky = where((position) => (risk[position] as number) > binding.riskTolerancePpm);
  const far = () => lacking(index, 'constraint', 'near');
  const free = () => lacking(index, 'constraint', 'conservative');
  return [
    { code: 'risk_exceeds_tolerance', ref: '', fails: risky },
    ...(binding.confidential ? [{ code: 'confidential_not_local', ref: '', fails: far } as const] : []),
    ...(binding.conservative ? [{ code: 'conservative_not_met', ref: '', fails: free } as const] : []),
  ];
}

/** Every component of every G at one position, as it is certified. */
export function constraintValues(
  { request, parameters, index, cost }: ConstraintInputs,
  contract: Contract,
  position: number,
): ConstraintValues {
  const { max_cost_micro_usd: budget, max_latency_micros: limit } = request.budget;
  const latency = index.column('scoring_latency')[position] as number;
  const { forbidden, harmful, unsafe } = actionClasses(request, parameters);
  const among = (actions: readonly string[]) => contract.actions.filter((a) => actions.includes(a)).length;
  const { on_device, certifications } = request.requirements.constraints;
  const lacked = certifications.filter((name) => !contract.alignment.certifications.includes(name)).length;
  const binding = bindingTraits(request, parameters);
  const breaks = (binds: boolean, condition: string) =>
    binds && !hasBit(index.members('constraint', condition), position) ? 1 : 0;
  return {
    budget: budget === undefined ? [] : [cost(position) - budget],
    latency: limit === undefined ? [] : [latency - limit],
    safety: [among(forbidden), among(harmful), among(unsafe)],
    policy: [breaks(on_device, 'on_device'), lacked],
    traits: [
      contract.alignment.risk_ppm - binding.riskTolerancePpm,
      breaks(binding.confidential, 'near'),
      breaks(binding.conservative, 'conservative'),
    ],
  };
}

/** Sorted, without repeats. */
function actionClasses(request: Request, { actions }: Parameters) {
  const own = request.requirements.constraints.forbidden_actions;
  const sorted = (names: readonly string[]) => [...new Set(names)].sort(compareCodePoints);
  return {
    forbidden: sorted([...actions.forbidden, ...own]),
    harmful: sorted(actions.harmful),
    unsafe: sorted(actions.unsafe),
  };
}

function bindingTraits({ traits }: Request, { thresholds }: Parameters) {
  return {
    riskTolerancePpm: traits.risk_tolerance_ppm ?? 1_000_000,
    confidential:
      traits.confidential_ppm !== undefined && traits.confidential_ppm >= thresholds.confidential_ppm,
    conservative:
      traits.conservative_ppm !== undefined && traits.conservative_ppm >= thresholds.conservative_ppm,
  };
}

/** One component with a ref for each of `names`: only the first that fails is a finding. */
function firstOf(
  code: ConstraintCode,
  names: readonly string[],
  fails: (name: string) => Bitset,
): readonly ConstraintPredicate[] {
  return names.map((ref, i) => ({
    code,
    ref,
    fails: () => fails(ref),
    ...(i === 0 ? {} : { unlessPrevious: true }),
  }));
}

function lacking(index: FacetIndex<Contract>, family: string, key: string): Bitset {
  return index.remember(`no ${family} ${key}`, () => complement(index.members(family, key)));
}

function where(holds: (position: number) => boolean): (among: Bitset) => Bitset {
  return (among) => {
    const bits = emptyBitset(among.size);
    for (const position of positionsOf(among)) if (holds(position)) addBit(bits, position);
    return bits;
  };
}
