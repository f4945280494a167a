import { type Contract, type Locality, localities } from '../contracts/contract.js';
import { effectivePromise, guaranteeNames, scoringLatency } from '../contracts/effective-promise.js';
import { type GuaranteeProperty, guaranteeProperties } from '../contracts/guarantee.js';
import { compareCodePoints } from '../kernel/merkle.js';

/** One service of a chain, with what it costs for the request (`undefined`: unknown). */
export interface Member {
  readonly contract: Contract;
  readonly costMicroUsd: number | undefined;
}

/** What a chain promises as a whole; absent is unknown. */
export interface Composite {
  readonly promises: ReadonlyMap<GuaranteeProperty, number>;
  readonly costMicroUsd: number | undefined;
  readonly latencyMicros: number | undefined;
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
}

/**
 * A chain in which each service but the last is given up after `deadlineMicros` (calculus 3.7). A chain of one is the service itself.
 * INVARIANT(INV-CAIO-0005): whichever member answers, its contract implies what is promised here.
 */
export function composeChain(members: readonly [Member, ...Member[]], deadlineMicros: number): Composite {
  const last = members[members.length - 1] as Member;
  const waited = (members.length - 1) * deadlineMicros;
  const promises = new Map<GuaranteeProperty, number>();
  for (const property of guaranteeNames) {
    const value = composedPromise(members, last, property, waited);
    if (value !== undefined) promises.set(property, value);
  }
  const latency = scoringLatency(last.contract);
  return {
    promises,
    costMicroUsd: sumOfAll(members.map(({ costMicroUsd }) => costMicroUsd)),
    latencyMicros: latency === undefined ? undefined : waited + latency,
    locality: leastPrivate(members.map(({ contract }) => contract.privacy.locality)),
    regions: unionOf(members.map(({ contract }) => contract.privacy.regions)),
    jurisdictions: unionOf(members.map(({ contract }) => contract.privacy.jurisdictions)),
  };
}

function composedPromise(
  members: readonly Member[],
  last: Member,
  property: GuaranteeProperty,
  waitedMicros: number,
): number | undefined {
  const { kind, operator } = guaranteeProperties[property];
  if (kind === 'time') {
    const latency = effectivePromise(last.contract, property);
    return latency === undefined ? undefined : waitedMicros + latency;
  }
  const stated = members
    .map(({ contract }) => effectivePromise(contract, property))
    .filter((value) => value !== undefined);
  if (property === 'availability_ppm') return stated.length === 0 ? undefined : Math.max(...stated);
  if (stated.length < members.length) return undefined;
  switch (operator) {
    case 'min':
      return Math.min(...stated);
    case 'max':
      return Math.max(...stated);
    case 'equals':
      return stated.every((value) => value === stated[0]) ? stated[0] : undefined;
  }
}

function sumOfAll(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

/** `localities` goes from most to least private. */
function leastPrivate(of: readonly Locality[]): Locality {
  const ranks = of.map((locality) => localities.indexOf(locality));
  return localities[Math.max(...ranks)] as Locality;
}

function unionOf(sets: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(sets.flat())].sort(compareCodePoints);
}
