import type { Promised } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import { type Composite, composeChain, type Member } from '../guarantees/composite.js';
import { keepsRequirements, promiseOf } from '../guarantees/promise.js';
import type { Brand } from '../kernel/brand.js';
import type { Controlled } from './control-step.js';
import type { Question } from './question.js';

interface PromisedTrail {
  readonly controlled: Controlled;
  /** The contracts that may be called, in order, the selected first. */
  readonly chain: readonly [Contract, ...Contract[]];
  readonly promise: Promised;
}
export type PromisedChain = Brand<PromisedTrail, 'promised'>;

type Chain = readonly [Member, ...Member[]];

/**
 * 3.7: the chain and what it promises. With a fallback allowed, the longest prefix of the ranking whose composite keeps every requirement;
 * the selected service alone always does, since it passed the constraints.
 */
export function compose(controlled: Controlled): PromisedChain {
  const { optimised } = controlled;
  const { question } = optimised.trail;
  const { request } = question.inputs;
  const { max_services: most, deadline_micros: deadline } = request.fallback ?? {
    max_services: 1,
    deadline_micros: 0,
  };
  const members = optimised.best.map(({ position }) => memberAt(question, position));
  const { chain, composite } = longestKept(members as unknown as Chain, most, deadline, (whole) =>
    keepsRequirements(whole, request),
  );
  const promise = promiseOf(composite, request, question.snapshot.state.parameters);
  const contracts = chain.map(({ contract }) => contract);
  return { controlled, chain: contracts, promise } as unknown as PromisedChain;
}

function longestKept(
  members: Chain,
  most: number,
  deadlineMicros: number,
  keeps: (composite: Composite) => boolean,
): { readonly chain: Chain; readonly composite: Composite } {
  for (let length = Math.min(most, members.length); length > 1; length -= 1) {
    const chain = members.slice(0, length) as unknown as Chain;
    const composite = composeChain(chain, deadlineMicros);
    if (keeps(composite)) return { chain, composite };
  }
  const alone: Chain = [members[0]];
  return { chain: alone, composite: composeChain(alone, deadlineMicros) };
}

function memberAt({ snapshot, cost }: Question, position: number): Member {
  const costMicroUsd = cost(position);
  return {
    contract: snapshot.registry.contracts[position] as Contract,
    costMicroUsd: Number.isNaN(costMicroUsd) ? undefined : costMicroUsd,
  };
}
