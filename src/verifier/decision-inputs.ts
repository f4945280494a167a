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

const digestsKnown = new WeakMap<object, string>();

/** D(tag, document), computed once for each document: documents do not change, and each has one tag. */
export function documentDigest(tag: string, document: object): string {
  const known = digestsKnown.get(document) ?? digest(tag, document);
  digestsKnown.set(document, known);
  return known;
}

const rootsKnown = new WeakMap<object, string>();

/** The set root of documents, computed once for each list. */
function documentsRoot<T extends object>(
  tag: string,
  documents: readonly T[],
  idOf: (v: T) => string,
): string {
  const items = () => documents.map((v) => ({ id: idOf(v), digest: documentDigest(tag, v) }));
  const known = rootsKnown.get(documents) ?? setRoot(items());
  rootsKnown.set(documents, known);
  return known;
}

export function rootsOf(state: State): StateRoots {
  const { contracts, policies, parameters, history, availability } = state;
  return {
    registry: documentsRoot('caio/contract/v1', contracts, ({ id }) => id),
    policies: documentsRoot('caio/policy/v1', policies, ({ id }) => id),
    parameters: documentDigest('caio/parameters/v1', parameters),
    history: documentsRoot('caio/history-row/v1', history.rows, ({ service }) => service),
    history_from: history.from,
    history_to: history.to,
    history_rows: history.rows.length,
    availability: documentsRoot('caio/availability-row/v1', availability, ({ service }) => service),
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
