// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { CertificateInputs, Provenance, StateRoots } from './certificate-document.js';
import { digest, setRoot } from './digest.js';
import type { Caller, Request, State } from './documents.js';

/** What is given beside the state. */
export interface DecisionInputs {
  readonly request: Request;
  readonly commitments: { readonly [name: string]: string };
  readonly caller: Caller;
  readonly time: number;
  readonly seed: number;
  readonly seedOrigin: 'caller' | 'server';
}

export function rootsOf(state: State): StateRoots {
  const { contracts, policies, parameters, history, availability } = state;
  return {
    registry: setRoot(contracts.map((v) => ({ id: v.id, digest: digest('caio/contract/v1', v) }))),
    policies: setRoot(policies.map((v) => ({ id: v.id, digest: digest('caio/policy/v1', v) }))),
    parameters: digest('caio/parameters/v1', parameters),
    history: setRoot(history.rows.map((v) => ({ id: v.service, digest: digest('caio/history-row/v1', v) }))),
    history_from: history.from,
    history_to: history.to,
    history_rows: history.rows.length,
    availability: setRoot(
      availability.map((v) => ({ id: v.service, digest: digest('caio/availability-row/v1', v) })),
    ),
    availability_rows: availability.length,
    as_of: state.as_of,
  };
}

/** Which inputs are derived, opened and attested (calculus, section 4). */
export function provenanceOf(method: Caller['method'], seedOrigin: 'caller' | 'server'): Provenance {
  const opened = ['/commitments', '/request', '/request_digest'];
  const attested = ['/time'];
  (method === 'jwt' ? opened : attested).push('/caller');
  (seedOrigin === 'caller' ? opened : attested).push('/seed', '/seed_origin');
  return { derived: ['/state'], opened: opened.sort(byCodePoint), attested: attested.sort(byCodePoint) };
}

export function certificateInputs(state: State, given: DecisionInputs): CertificateInputs {
  return {
    request: given.request,
    request_digest: digest('caio/request/v1', given.request),
    commitments: given.commitments,
    caller: given.caller,
    time: given.time,
    seed: given.seed,
    seed_origin: given.seedOrigin,
    state: rootsOf(state),
    provenance: provenanceOf(given.caller.method, given.seedOrigin),
  };
}
