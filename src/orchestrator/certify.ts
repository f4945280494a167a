import type {
  Certificate,
  ProofStatement,
  RankedService,
  Routed,
  ServiceReference,
  Step,
} from '../contracts/certificate.js';
import { isEmptyBitset } from '../kernel/bitset.js';
import { rememberedText } from '../kernel/canonical.js';
import { digestText } from '../kernel/digest.js';
import { Defect } from '../kernel/errors.js';
import { constraintValues } from '../optimization/constraints.js';
import { statementsFor } from '../proofs/statements.js';
import { certificateInputs } from './certificate-inputs.js';
import type { PromisedChain } from './compose.js';
import { exclusionGroups, funnelOf, nearestMisses } from './funnel.js';
import type { Constrained, Trail } from './narrowing.js';
import { constraintInputs } from './narrowing-steps.js';
import type { Question } from './question.js';
import { fittingCertificate, type Room } from './room.js';

const firedListed = 16;

/** Step 8 for a routed decision. */
export function certify(promised: PromisedChain): Certificate {
  const { optimised, control } = promised.controlled;
  const { trail, considered, best } = optimised;
  const { question } = trail;
  const [selected] = best;
  // The chain is a prefix of the ranking.
  const chain = best.slice(0, promised.chain.length).map(({ position }) => referenceAt(question, position));
  const outcome: Routed = {
    decision: 'routed',
    selected: chain[0] as ServiceReference,
    route_class: chain.length === 1 ? 'single' : 'fallback_chain',
    chain,
    constraints: constraintValues(constraintInputs(question), promised.chain[0], selected.position),
    promise: promised.promise,
    control,
  };
  const ranked = best.map(
    ({ position, terms, total }): RankedService => ({ ...referenceAt(question, position), terms, total }),
  );
  return assemble(trail, statementsFor('routed'), (room) => ({
    ranking: { considered, best: ranked.slice(0, room.ranked) },
    outcome,
  }));
}

/** Step 8 for a refusal, and the only door through which one leaves. */
export function refuse(constrained: Constrained): Certificate {
  const step = emptyingStep(constrained);
  return assemble(constrained, statementsFor('refused'), (room) => ({
    ranking: { considered: 0, best: [] },
    outcome: { decision: 'refused', step, nearest: nearestMisses(constrained, room.nearest) },
  }));
}

/** The first step with nothing left. Where nothing entered, authentication is to blame only when it failed. */
function emptyingStep({ taken }: Constrained): Step {
  for (const { step, left, predicates } of taken) {
    if (step === 'authentication' ? predicates.length > 0 : isEmptyBitset(left)) return step;
  }
  throw new Defect('invariant_broken', 'a refusal without an empty step', { invariant: 'INV-CAIO-0002' });
}

/** The certificate with as much in it as fits. */
function assemble(
  trail: Trail,
  proofs: readonly ProofStatement[],
  rest: (room: Room) => Pick<Certificate, 'ranking' | 'outcome'>,
): Certificate {
  const inputs = certificateInputs(trail.question);
  const id = digestText('caio/decision/v1', rememberedText(inputs));
  const groups = exclusionGroups(trail);
  const rules = {
    total: trail.question.snapshot.policies.rules.length,
    fired: trail.fired.length,
    first: trail.fired.slice(0, firedListed).map(({ key }) => key),
  };
  return fittingCertificate((room) => ({
    type: 'caio/certificate/v1',
    id,
    inputs,
    funnel: funnelOf(trail, groups, room.groups, room.sample),
    rules,
    ...rest(room),
    proofs,
  }));
}

/** Contracts and the items of their set have one order. */
function referenceAt({ snapshot }: Question, position: number): ServiceReference {
  const { contracts, set } = snapshot.registry;
  const [contract, item] = [contracts[position], set.items[position]];
  if (contract === undefined || contract.id !== item?.id) {
    throw new Defect('invariant_broken', `position ${position} of the registry and of its set differ`);
  }
  return { service: contract.id, version: contract.version, contract: item.digest };
}
