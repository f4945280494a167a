import type { CertificateInputs } from '../contracts/certificate.js';
import type { Question } from './question.js';

/** What the decision was made from, and how much of it who can check (calculus section 4). */
export function certificateInputs({ inputs, snapshot, requestDigest }: Question): CertificateInputs {
  const { state, registry, sets, parametersDigest } = snapshot;
  return {
    request: inputs.request,
    request_digest: requestDigest,
    commitments: inputs.commitments,
    caller: inputs.caller,
    time: inputs.time,
    seed: inputs.seed,
    seed_origin: inputs.seedOrigin,
    state: {
      registry: registry.set.root,
      policies: sets.policies.root,
      parameters: parametersDigest,
      history: sets.history.root,
      history_from: state.history.from,
      history_to: state.history.to,
      history_rows: state.history.rows.length,
      availability: sets.availability.root,
      availability_rows: state.availability.length,
      as_of: state.as_of,
    },
    provenance: provenanceOf(inputs.caller.method === 'jwt', inputs.seedOrigin === 'caller'),
  };
}

/** A signed credential and a seed from the caller can be opened; a bearer secret and a seed of the server's own are its word. */
function provenanceOf(signedCredential: boolean, seedFromCaller: boolean): CertificateInputs['provenance'] {
  const caller = ['/caller'];
  const seed = ['/seed', '/seed_origin'];
  return {
    derived: ['/state'],
    opened: [
      '/commitments',
      '/request',
      '/request_digest',
      ...(signedCredential ? caller : []),
      ...(seedFromCaller ? seed : []),
    ].sort(),
    attested: ['/time', ...(signedCredential ? [] : caller), ...(seedFromCaller ? [] : seed)].sort(),
  };
}
