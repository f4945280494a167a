import type { Contract } from '../contracts/contract.js';
import { type RequiredGuarantee, requiredGuarantees } from '../contracts/effective-promise.js';
import { positionsOf } from '../kernel/bitset.js';
import type { Brand } from '../kernel/brand.js';
import { firstRanked, type Ranked, tieBreakDigest } from '../optimization/ranking.js';
import { guaranteeTerm, lessIsBetterTerm, riskTerm, type Terms, totalOf } from '../optimization/terms.js';
import type { Admissible } from './narrowing.js';
import type { Question } from './question.js';

/** As many as a certificate lists, and more than a chain can have. */
export const mostRanked = 16;

interface RankedTrail {
  readonly trail: Admissible;
  readonly considered: number;
  /** The first of the ranking, at most `mostRanked`, with their terms. */
  readonly best: readonly [RankedWithTerms, ...RankedWithTerms[]];
}
export interface RankedWithTerms extends Ranked {
  readonly terms: Terms;
}
export type Optimised = Brand<RankedTrail, 'optimised'>;

/** 3.5: the constrained set ranked by total; the first is selected. O(n) terms, and a sort of those that reach the first sixteen. */
export function optimise(trail: Admissible): Optimised {
  const { question } = trail;
  const { inputs, snapshot, requestDigest, weights } = question;
  const { contracts } = snapshot.registry;
  const positions = positionsOf(trail.left);
  const termsAt = termsOf(question);
  const totals = Float64Array.from(positions, (position) => totalOf(weights, termsAt(position)));
  const ranked = firstRanked(positions, totals, mostRanked, (position) =>
    tieBreakDigest(inputs.seed, requestDigest, (contracts[position] as Contract).id),
  );
  const best = ranked.map((entry) => ({ ...entry, terms: termsAt(entry.position) }));
  return { trail, considered: positions.length, best } as unknown as Optimised;
}

/** The nine terms by position. The first four read fields, of which there are none. */
function termsOf({ inputs, snapshot, cost }: Question): (position: number) => Terms {
  const { scales } = snapshot.state.parameters;
  const { index } = snapshot.registry;
  const { reliability } = snapshot;
  const required = requiredGuarantees(inputs.request.requirements.guarantees);
  const promises = new Map(required.map(({ property }) => [property, index.column(property)]));
  const [latency, risk] = [index.column('scoring_latency'), index.column('risk')];
  return (position) => {
    const promise = (property: RequiredGuarantee['property']) => promises.get(property)?.[position] as number;
    return [
      0,
      0,
      0,
      0,
      guaranteeTerm(required, promise, scales),
      reliability[position] as number,
      lessIsBetterTerm(cost(position), scales.cost_micro_usd),
      riskTerm(risk[position] as number),
      lessIsBetterTerm(latency[position] as number, scales.latency_micros),
    ];
  };
}
