import type { Bundle, DecisionRecord, Envelope, MemberEvidence } from '../contracts/bundle.js';
import type { Certificate } from '../contracts/certificate.js';
import {
  availabilityRowDigest,
  contractDigest,
  historyRowDigest,
  parametersDigest,
  policyDigest,
} from '../contracts/digests.js';
import type { State } from '../contracts/state.js';
import { Defect } from '../kernel/errors.js';
import { compareCodePoints } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { documentSet, proveAbsence, proveInclusion } from './set-evidence.js';

const type = 'caio/bundle/v1';

/**
 * The envelope with what a verifier needs for a level: 1 nothing more; 2 rules, parameters and, for each service of the chain, its contract and
 * rows with proofs that they are in the certified sets; 3 the whole state; 4 and 5 that and the record. Deterministic; O(state) digests from level 2 on.
 *
 * Problems `state_differs`: a part of `state` is not the one that the certificate names; a bundle of it could not hold.
 */
export function packBundle(
  envelope: Envelope,
  certificate: Certificate,
  state: State,
  level: 1 | 2 | 3 | RecordedLevel,
): Result<Bundle, readonly Problem[]> {
  if (level === 1) return ok({ type, level, envelope });
  const sets = setsOf(state);
  const problems = differences(certificate, state, sets);
  if (problems.length > 0) return err(problems);
  const policies = [...state.policies].sort((a, b) => compareCodePoints(a.id, b.id));
  const common = { type, envelope, parameters: state.parameters, policies } as const;
  if (level === 2) return ok({ ...common, level, members: membersOf(certificate, sets) });
  const whole = {
    ...common,
    contracts: [...state.contracts].sort((a, b) => compareCodePoints(a.id, b.id)),
    history: [...state.history.rows].sort((a, b) => compareCodePoints(a.service, b.service)),
    availability: [...state.availability].sort((a, b) => compareCodePoints(a.service, b.service)),
  };
  return ok(level === 3 ? { ...whole, level } : { ...whole, ...level });
}

/** Levels 4 and 5 come with where the log has the decision; at 5 the checkpoint in its proof is one that witnesses have cosigned. */
export interface RecordedLevel {
  readonly level: 4 | 5;
  readonly record: DecisionRecord;
}

type Sets = ReturnType<typeof setsOf>;

function setsOf(state: State) {
  return {
    contracts: documentSet(state.contracts, ({ id }) => id, contractDigest),
    policies: documentSet(state.policies, ({ id }) => id, policyDigest),
    history: documentSet(state.history.rows, ({ service }) => service, historyRowDigest),
    availability: documentSet(state.availability, ({ service }) => service, availabilityRowDigest),
  };
}

function membersOf({ outcome }: Certificate, sets: Sets): readonly MemberEvidence[] {
  if (outcome.decision === 'refused') return [];
  return outcome.chain.map(({ service }) => {
    const contract = proveInclusion(sets.contracts, service);
    if (contract === undefined)
      throw new Defect('invariant_broken', `${service} was selected from no registry`);
    return {
      contract: contract.row,
      inclusion: contract.inclusion,
      history: proveInclusion(sets.history, service) ?? proveAbsence(sets.history, service),
      availability: proveAbsence(sets.availability, service),
    };
  });
}

function differences({ inputs }: Certificate, state: State, sets: Sets): readonly Problem[] {
  const named = inputs.state;
  const given = {
    registry: sets.contracts.set.root,
    policies: sets.policies.set.root,
    parameters: parametersDigest(state.parameters),
    history: sets.history.set.root,
    availability: sets.availability.set.root,
  };
  return (Object.keys(given) as (keyof typeof given)[])
    .filter((part) => given[part] !== named[part])
    .map((part) => ({
      code: 'state_differs',
      path: `/inputs/state/${part}`,
      message: `the certificate names ${part} ${named[part]}, the state given has ${given[part]}`,
    }));
}
