import type { Caller, CallerDocument } from '../../contracts/caller.js';
import type { Scope } from './scope.js';

/** Who presented a credential that holds. It comes from the credential alone; nothing in a body, path or header adds to it. */
export interface Identity {
  readonly document: CallerDocument;
  readonly scopes: ReadonlySet<Scope>;
}

/** Why a credential does not hold; the `reason` of a 401 answer. */
export type CredentialFailure =
  | 'credential_missing'
  | 'credential_malformed'
  | 'credential_unknown'
  | 'algorithm_not_allowed'
  | 'key_unknown'
  | 'signature_invalid'
  | 'issuer_unknown'
  | 'audience_wrong'
  | 'not_yet_valid'
  | 'expired'
  | 'revoked'
  | 'claim_missing'
  | 'claim_invalid';

export const credentialFailureText: { readonly [F in CredentialFailure]: string } = {
  credential_missing: 'Send an API key or a JWT: Authorization: Bearer …',
  credential_malformed: 'The credential is neither an API key (caio_<id>_<secret>) nor a JWT.',
  credential_unknown: 'There is no such API key.',
  algorithm_not_allowed: 'The token is not signed with an accepted algorithm.',
  key_unknown: 'The token names no key of the accepted key set.',
  signature_invalid: 'The signature of the token is wrong.',
  issuer_unknown: 'The token is not from the accepted issuer.',
  audience_wrong: 'The token is meant for another audience.',
  not_yet_valid: 'The credential is not valid yet.',
  expired: 'The credential has expired.',
  revoked: 'The credential was revoked.',
  claim_missing: 'The token lacks a claim that is required.',
  claim_invalid: 'A claim of the token has the wrong type or range.',
};

/** `not_before ≤ t < expires`, in microseconds; the decision checks it again at its own t (calculus 3.0). */
export function validityAt(
  caller: Pick<Caller, 'not_before' | 'expires'>,
  time: number,
): 'not_yet_valid' | 'expired' | undefined {
  if (time < caller.not_before) return 'not_yet_valid';
  return time >= caller.expires ? 'expired' : undefined;
}

/** Nobody: on the one route that asks for no credential, and before one was checked. */
export const anonymous: Identity = {
  document: {
    caller: {
      method: 'local',
      issuer: '',
      audience: '',
      key_id: '',
      not_before: 0,
      expires: 0,
      tenant: '',
      permissions: [],
      trust_level: 0,
    },
  },
  scopes: new Set(),
};
