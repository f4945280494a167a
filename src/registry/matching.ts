import type { Capability } from '../contracts/capability.js';
import type { exclusionCodes } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import { isAsStrong, type RequiredGuarantee, requiredGuarantees } from '../contracts/effective-promise.js';
import { classifications, type Request } from '../contracts/request.js';
import type { AvailabilityRow } from '../contracts/state.js';
import type { TokenCounts } from '../contracts/token-counts.js';
import {
  addBit,
  type Bitset,
  complement,
  emptyBitset,
  positionsOf,
  subtract,
  uniteInto,
} from '../kernel/bitset.js';
import { canonicalText } from '../kernel/canonical.js';
import type { FacetIndex } from '../kernel/facet-index.js';
import type { Predicate } from '../kernel/predicate.js';
import { meetsCapability } from './capability-match.js';

type MatchingCode = (typeof exclusionCodes)['matching'][number];
type MatchingPredicate = Predicate<MatchingCode>;
type Index = FacetIndex<Contract>;

/** The part of a registry that this step reads. */
interface Registry {
  readonly contracts: readonly Contract[];
  readonly index: Index;
}

/** Which services have an availability row, by its state. */
export type Unavailable = Readonly<Record<AvailabilityRow['state'], Bitset>>;

/** The predicates of step 1 in order: availability, capabilities, guarantees, limits (calculus 3.1). */
export function matchingPredicates(
  request: Request,
  tokens: TokenCounts,
  registry: Registry,
  unavailable: Unavailable,
): readonly MatchingPredicate[] {
  const { index } = registry;
  return [
    { code: 'disabled', ref: '', fails: () => unavailable.disabled },
    { code: 'held_out', ref: '', fails: () => unavailable.held_out },
    ...capabilityPredicates(request, registry),
    ...requiredGuarantees(request.requirements.guarantees).flatMap((required) =>
      guaranteePredicates(required, index),
    ),
    ...limitPredicates(tokens, index),
    ...dataPredicates(request, index),
  ];
}

function capabilityPredicates({ requirements }: Request, registry: Registry): readonly MatchingPredicate[] {
  const { capabilities, match } = requirements;
  if (match === 'any') {
    return [{ code: 'capability_missing', ref: 'any', fails: () => meetingNone(registry, capabilities) }];
  }
  return capabilities.flatMap((required): MatchingPredicate[] => [
    {
      code: 'capability_missing',
      ref: required.type,
      fails: () => notOffering(registry, required.type),
    },
    {
      code: 'capability_parameter',
      ref: required.type,
      fails: () => offeringTooLittle(registry, required),
    },
  ]);
}

function notOffering({ index }: Registry, type: string): Bitset {
  return index.remember(`no capability ${type}`, () => complement(index.members('capability_type', type)));
}

function offeringTooLittle(registry: Registry, required: Capability): Bitset {
  const { index } = registry;
  return index.remember(`too little ${canonicalText(required)}`, () =>
    subtract(index.members('capability_type', required.type), meeting(registry, required)),
  );
}

function meetingNone(registry: Registry, anyOf: readonly Capability[]): Bitset {
  const met = emptyBitset(registry.index.size);
  for (const required of anyOf) uniteInto(met, meeting(registry, required));
  return complement(met);
}

/** The services with a capability that meets `required`: looked at one by one, the first time this is asked of a registry. */
function meeting({ contracts, index }: Registry, required: Capability): Bitset {
  return index.remember(`meets ${canonicalText(required)}`, () => {
    const met = emptyBitset(index.size);
    for (const position of positionsOf(index.members('capability_type', required.type))) {
      const { capabilities } = contracts[position] as Contract;
      if (capabilities.some((offered) => meetsCapability(offered, required))) addBit(met, position);
    }
    return met;
  });
}

function guaranteePredicates(
  { property, operator, bound }: RequiredGuarantee,
  index: Index,
): readonly MatchingPredicate[] {
  const promises = index.column(property);
  const where = (question: string, holds: (promise: number) => boolean) => () =>
    index.remember(question, () => {
      const bits = emptyBitset(index.size);
      for (let i = 0; i < promises.length; i += 1) if (holds(promises[i] as number)) addBit(bits, i);
      return bits;
    });
  return [
    { code: 'guarantee_absent', ref: property, fails: where(`no ${property}`, Number.isNaN) },
    {
      code: 'guarantee_weaker',
      ref: property,
      fails: where(
        `${property} weaker than ${bound}`,
        (promise) => !Number.isNaN(promise) && !isAsStrong(operator, promise, bound),
      ),
    },
  ];
}

function limitPredicates(tokens: TokenCounts, index: Index): readonly MatchingPredicate[] {
  const limits = [
    ['max_input_tokens', tokens.input + tokens.cached],
    ['max_output_tokens', tokens.output],
    ['max_total_tokens', tokens.input + tokens.cached + tokens.output],
  ] as const;
  return limits.map(([limit, sent]) => ({
    code: 'limit_exceeded',
    ref: limit,
    fails: (among) => below(index.column(limit), sent, among),
  }));
}

function dataPredicates({ data }: Request, index: Index): readonly MatchingPredicate[] {
  const sensitivity = classifications.indexOf(data.classification);
  return [
    {
      code: 'data_not_accepted',
      ref: 'max_classification',
      fails: (among) => below(index.column('max_classification'), sensitivity, among),
    },
    ...data.contains.map(
      (dataClass): MatchingPredicate => ({
        code: 'data_not_accepted',
        ref: dataClass,
        fails: () => index.members('refuses', dataClass),
      }),
    ),
  ];
}

/** Positions of `among` whose number is stated and less than `value`. */
function below(column: Float64Array, value: number, among: Bitset): Bitset {
  const bits = emptyBitset(among.size);
  for (const position of positionsOf(among)) {
    if ((column[position] as number) < value) addBit(bits, position);
  }
  return bits;
}
