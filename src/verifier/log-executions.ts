// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { ServiceReference } from './certificate-document.js';
import { referenceTo } from './certificate.js';
import { rootsOf } from './decision-inputs.js';
import type { Caller, Contract, State } from './documents.js';
import { shown } from './falsehood.js';
import { firstDifference } from './first-difference.js';
import type { AttemptEntry, DecisionEntry, Measured, OutcomeEntry, ResultCommitment } from './log-entry.js';
import type { Claim } from './log-fault.js';
import type { LogMemory, Member } from './log-memory.js';
import { addTrial } from './log-memory.js';
import { decisionWithin, rememberDecision, spanEndOf } from './log-span.js';
import { measuredCost, verdictsOf } from './log-verdicts.js';

const contractMembers = new WeakMap<Contract, Member>();

/** The member that a certificate names, shared by all decisions that name it. */
function memberOf(reference: ServiceReference, state: State): Member {
  const contract = state.contracts.find(({ id }) => id === reference.service);
  if (contract === undefined) return { reference, contract };
  const known = contractMembers.get(contract) ?? { reference: referenceTo(contract), contract };
  contractMembers.set(contract, known);
  return sameReference(known.reference, reference) ? known : { reference, contract: undefined };
}

function sameReference(a: ServiceReference, b: ServiceReference): boolean {
  return a.service === b.service && a.version === b.version && a.contract === b.contract;
}

/**
 * INV-CAIO-LOG-0002, and that an id stands once: an id covers its decision's time, so a second one whose first is not remembered any more is
 * backdated. What the certificate says is for the levels.
 */
export function takeDecision(memory: LogMemory, entry: DecisionEntry, index: number): Claim[] {
  const { id, inputs, outcome } = entry.certificate;
  const { state } = memory;
  const claims: Claim[] = [];
  if (inputs.state.as_of !== state.as_of) {
    const message = `decided on the state as of ${inputs.state.as_of}; at its index it is that of ${state.as_of}`;
    claims.push(['state_outdated', message]);
  } else {
    const difference = firstDifference(rootsOf(state), inputs.state, '');
    if (difference !== undefined) {
      const { path, expected, found } = difference;
      claims.push(['state_differs', `${path} of the state is ${expected}, in the certificate ${found}`]);
    }
  }
  claims.push(...callerClaims(memory, inputs.caller));
  const twice = decisionWithin(memory, id) !== undefined;
  memory.clock = Math.max(memory.clock, inputs.time);
  if (twice) return [...claims, ['decision_twice', 'its id stands in the log before']];
  const routed = outcome.decision === 'routed';
  const chain = routed ? outcome.chain.map((reference) => memberOf(reference, state)) : [];
  const promisedCost = routed ? outcome.promise.cost_micro_usd : undefined;
  const spanEnd = spanEndOf(entry.certificate, memory.clock);
  rememberDecision(memory, id, { index, spanEnd, chain, promisedCost, attempted: 0, ended: 0 });
  if (entry.attempt !== undefined) claims.push(...attemptClaims(memory, id, entry.attempt));
  return claims;
}

/** An API key is one of the log: known, not revoked, and the caller is who its record says. */
function callerClaims(memory: LogMemory, caller: Caller): Claim[] {
  if (caller.method !== 'api_key') return [];
  const key = memory.keys.get(caller.key_id);
  if (key === undefined) return [['caller_key_wrong', `the key ${caller.key_id} is not in the log`]];
  if (key.revokedAt !== undefined) return [['caller_key_wrong', `the key ${caller.key_id} is revoked`]];
  const { tenant, permissions, trust_level, not_before, expires } = key.record;
  const said = [caller.tenant, caller.trust_level, caller.not_before, caller.expires, caller.permissions];
  const known = [tenant, trust_level, not_before, expires, [...permissions].sort(byCodePoint)];
  if (firstDifference(known, said, '') === undefined) return [];
  return [['caller_key_wrong', `the caller is not as the record of the key ${caller.key_id} says`]];
}

export function takeAttempt(memory: LogMemory, entry: AttemptEntry): Claim[] {
  return attemptClaims(memory, entry.decision, entry);
}

/** INV-CAIO-LOG-0003. */
function attemptClaims(
  memory: LogMemory,
  id: string,
  { rank, service }: { readonly rank: number; readonly service: ServiceReference },
): Claim[] {
  const decision = decisionWithin(memory, id);
  if (decision === undefined) {
    const message = 'no decision of this id stands before it, or the span of that decision is over';
    return [['attempt_without_decision', message]];
  }
  const bit = 1 << rank;
  if ((decision.attempted & bit) !== 0) return [['attempt_twice', `rank ${rank} was attempted before`]];
  const member = decision.chain[rank];
  if (member === undefined || !sameReference(member.reference, service)) {
    return [
      [
        'attempt_outside_chain',
        `${service.service} is not the member of rank ${rank} of the certified chain`,
      ],
    ];
  }
  decision.attempted |= bit;
  return [];
}

export function takeOutcome(memory: LogMemory, entry: OutcomeEntry): Claim[] {
  const { measured, verdicts } = entry;
  const service = entry.service.service;
  const { result, latency_micros } = measured;
  if (result === 'answered') memory.streaks.set(service, 0);
  if (result === 'failed') memory.streaks.set(service, (memory.streaks.get(service) ?? 0) + 1);
  if (result === 'answered' || result === 'failed') {
    addTrial(memory, { service, result, latency_micros, verdicts });
  }
  const decision = decisionWithin(memory, entry.decision);
  const bit = 1 << entry.rank;
  if (decision === undefined || (decision.attempted & bit) === 0) {
    const over = decision === undefined ? ', or the span of its decision is over' : '';
    return [['outcome_without_attempt', `rank ${entry.rank} was not attempted before it${over}`]];
  }
  if ((decision.ended & bit) !== 0) return [['outcome_twice', `rank ${entry.rank} has an outcome already`]];
  decision.ended |= bit;
  const member = decision.chain[entry.rank];
  if (decision.ended === (1 << decision.chain.length) - 1) decision.chain = [];
  if (member === undefined || !sameReference(member.reference, entry.service)) {
    return [['outcome_of_another_service', `${service} was not called at rank ${entry.rank}`]];
  }
  const claims = measuredClaims(measured, entry.result);
  if (member.contract === undefined) return claims;
  return [...claims, ...promiseClaims(member.contract, entry, decision.promisedCost)];
}

function measuredClaims(
  { result, latency_micros: latency, status }: Measured,
  commitment: ResultCommitment | undefined,
): Claim[] {
  const refused = status !== undefined && status >= 400 && status <= 499;
  const why =
    result === 'rejected' && !refused
      ? 'rejected without a status of 400–499'
      : result === 'answered' && refused
        ? `answered with status ${status}`
        : result === 'not_sent' && latency !== 0
          ? 'not sent, and yet with a latency'
          : commitment !== undefined && result !== 'answered' && result !== 'rejected'
            ? `a result of a call that ${result}`
            : undefined;
  return why === undefined ? [] : [['measured_wrong', why]];
}

function promiseClaims(
  contract: Contract,
  { measured, verdicts }: OutcomeEntry,
  promisedCost: number | undefined,
): Claim[] {
  const claims: Claim[] = [];
  const cost = measuredCost(contract, measured);
  if (cost !== measured.cost_micro_usd) {
    claims.push(['cost_wrong', `expected ${shown(cost)}, found ${shown(measured.cost_micro_usd)}`]);
  }
  const difference = firstDifference(verdictsOf(contract, measured, promisedCost), verdicts, '');
  if (difference !== undefined) {
    const { path, expected, found } = difference;
    claims.push(['verdicts_wrong', `at ${path} expected ${expected}, found ${found}`]);
  }
  return claims;
}
