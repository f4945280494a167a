// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { authenticationFindings } from './authentication.js';
import { canonicalBytes } from './canonical.js';
import type { Certificate, RankedService, Refused, Routed, ServiceReference } from './certificate-document.js';
import { chainOf, promiseOf } from './composition.js';
import { constraintsOf } from './constraints.js';
import type { DecisionInputs } from './decision-inputs.js';
import { certificateInputs, documentDigest } from './decision-inputs.js';
import { digest } from './digest.js';
import type { Contract, Request, State } from './documents.js';
import type { Sizes } from './funnel.js';
import { funnelOf, largest, nearestOf, sizeLadder } from './funnel.js';
import type { Narrowing } from './narrowing.js';
import { emptyStep, narrow } from './narrowing.js';
import type { Scored } from './score.js';
import { rank, termsOf, totalOf } from './score.js';
import { refusedStatements, routedStatements } from './statements.js';

/** The request names a profile that the parameters do not define: invalid before step 0. */
export class UnknownProfile extends Error {}

export function referenceTo(contract: Contract): ServiceReference {
  return {
    service: contract.id,
    version: contract.version,
    contract: documentDigest('caio/contract/v1', contract),
  };
}

function routedOutcome(ranked: readonly Contract[], state: State, request: Request): Routed {
  const chain = chainOf(ranked, request, state.parameters);
  const selected = chain[0] as Contract;
  return {
    decision: 'routed',
    selected: referenceTo(selected),
    route_class: chain.length === 1 ? 'single' : 'fallback_chain',
    chain: chain.map(referenceTo),
    constraints: constraintsOf(selected, request, state.parameters).values,
    promise: promiseOf(chain, request, state.parameters),
    control: { kappa_ppm: 0, u: [] },
  };
}

/** The whole certificate from the whole state. Throws UnknownProfile when the request names none of the parameters'. */
export function rederive(state: State, given: DecisionInputs): Certificate {
  const { request, caller, time, seed } = given;
  const { profiles } = state.parameters;
  const weights = Object.hasOwn(profiles, request.profile) ? profiles[request.profile] : undefined;
  if (weights === undefined) throw new UnknownProfile(`no profile ${request.profile}`);
  const inputs = certificateInputs(state, given);
  const narrowing = narrow(state, given);
  const history = new Map(state.history.rows.map((row) => [row.service, row]));
  const scored = narrowing.constrained.map((contract): Scored => {
    const terms = termsOf(contract, history.get(contract.id), request, state.parameters);
    return { contract, terms, total: totalOf(weights, terms) };
  });
  const ranked = rank(scored, seed, inputs.request_digest);
  const authenticated = authenticationFindings(caller, time, state.parameters).length === 0;
  const routed =
    ranked.length === 0
      ? undefined
      : routedOutcome(
          ranked.map(({ contract }) => contract),
          state,
          request,
        );
  const best = ranked
    .slice(0, 16)
    .map(({ contract, terms, total }): RankedService => ({ ...referenceTo(contract), terms, total }));
  const assemble = (sizes: Sizes): Certificate => ({
    type: 'caio/certificate/v1',
    id: digest('caio/decision/v1', inputs),
    inputs,
    funnel: funnelOf(narrowing, sizes),
    rules: narrowing.rules,
    ranking: { considered: ranked.length, best: best.slice(0, sizes.k) },
    outcome: routed ?? refusedOutcome(narrowing, authenticated, sizes),
    proofs: routed === undefined ? refusedStatements : routedStatements,
  });
  const fits = (certificate: Certificate) => canonicalBytes(certificate).length <= largest;
  const assembled = sizeLadder.map(assemble);
  return assembled.find(fits) ?? (assembled.at(-1) as Certificate);
}

function refusedOutcome(narrowing: Narrowing, authenticated: boolean, sizes: Sizes): Refused {
  return {
    decision: 'refused',
    step: emptyStep(narrowing, authenticated),
    nearest: nearestOf(narrowing.exclusions, sizes.n),
  };
}
