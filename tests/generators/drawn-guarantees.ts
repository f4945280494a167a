import type { Contract } from '../../src/contracts/contract.js';
import { latencyQuantiles } from '../../src/contracts/effective-promise.js';
import {
  type Guarantee,
  type GuaranteeProperty,
  guaranteeProperties,
  type Operator,
} from '../../src/contracts/guarantee.js';
import type { Request } from '../../src/contracts/request.js';
import { drawNumber } from './drawn-numbers.js';
import { drawBound, drawProperty } from './drawn-request.js';
import type { Random } from './random.js';

/**
 * Promises as strong as the request requires, mostly exactly so; spoiled ones are a unit too weak or not there. A required latency quantile may
 * be kept by a promise on a stronger one.
 */
export function drawGuarantees(
  random: Random,
  { requirements, budget }: Request,
  deterministic: boolean,
  spoiled: () => boolean,
  sourced: () => Partial<Guarantee>,
): Contract['guarantees'] {
  const promises = new Map<GuaranteeProperty, number>();
  for (let i = random.pick([0, 1, 2, 3]); i > 0; i -= 1) {
    const property = drawProperty(random);
    promises.set(property, Object.values(drawBound(random, property))[0] as number);
  }
  if (random.chance(budget.max_latency_micros === undefined ? 0.6 : 0.95)) {
    promises.set('latency_p95_micros', random.pick([500_000, 1_000_000, 1_000_000, 1_500_000]));
  }
  if (deterministic) promises.set('determinism', 1);
  for (const [required, bound] of Object.entries(requirements.guarantees)) {
    const property = required as GuaranteeProperty;
    const asked = Object.values(bound)[0] as number;
    const promised = promisedOn(random, property);
    promises.delete(property);
    if (spoiled()) {
      if (random.chance(0.5)) promises.set(property, weaker(random, property, asked));
    } else promises.set(promised, stronger(random, property, asked));
  }
  const names = [...promises.keys()].sort();
  return Object.fromEntries(
    names.map((property) => {
      const { operator } = guaranteeProperties[property];
      const measured = random.chance(0.05) ? { measured: 'over 30 days', invariant: 'INV-A' } : {};
      return [property, { [operator]: promises.get(property), ...measured, ...sourced() }];
    }),
  );
}

function promisedOn(random: Random, property: GuaranteeProperty): GuaranteeProperty {
  const quantile = (latencyQuantiles as readonly GuaranteeProperty[]).indexOf(property);
  return quantile < 0 || random.chance(0.6) ? property : random.pick(latencyQuantiles.slice(quantile));
}

function stronger(random: Random, property: GuaranteeProperty, asked: number): number {
  const { operator, most } = guaranteeProperties[property];
  if (operator === 'equals' || random.chance(0.5)) return asked;
  const small = Math.min(most, Math.max(0, asked + signOf(operator) * random.pick([1, 1_000, 100_000])));
  if (random.chance(0.8)) return small;
  return operator === 'min' ? drawNumber(random, asked, most) : drawNumber(random, 0, asked);
}

function weaker(random: Random, property: GuaranteeProperty, asked: number): number {
  const { operator, most } = guaranteeProperties[property];
  if (operator === 'equals') return 1 - asked;
  return Math.min(most, Math.max(0, asked - signOf(operator) * random.pick([1, 1, 100_000])));
}

function signOf(operator: Operator): 1 | -1 {
  return operator === 'min' ? 1 : -1;
}
