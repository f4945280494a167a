import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { CallerDocument } from '../../contracts/caller.js';
import { parseCaller } from '../../contracts/parse-caller.js';
import { formatTimestamp } from '../../contracts/timestamp.js';
import { readJson } from '../../kernel/json.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { type CredentialFailure, type Identity, validityAt } from './identity.js';
import { isScope } from './scope.js';

/** The only signatures that are looked at: all asymmetric, so that no public key can ever serve as a shared secret. */
export const jwtAlgorithms = ['EdDSA', 'ES256', 'RS256'] as const;

/** Whose tokens are accepted. `keys` holds public keys only (`parseKeySet`). */
export interface JwtTrust {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JSONWebKeySet;
}

export type JwtVerifier = (token: string, time: number) => Promise<Result<Identity, CredentialFailure>>;

/**
 * Verifies a JWT (RFC 7519) at `time`, without tolerance. Required: header `kid`; claims `iss`, `aud`, `exp`, `nbf` (or `iat` in its
 * place), `sub`, `tenant`, `trust_level`; optional `permissions` (list of strings) and `scope` (RFC 8693 §4.2, separated by spaces;
 * names that are no scope of CAIO grant nothing).
 */
export function jwtVerifier(trust: JwtTrust): JwtVerifier {
  const keys = createLocalJWKSet(trust.keys);
  return async (token, time) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: [...jwtAlgorithms],
        issuer: trust.issuer,
        audience: trust.audience,
        requiredClaims: ['exp', 'sub', 'tenant', 'trust_level'],
        currentDate: new Date(Math.floor(time / 1000)),
        clockTolerance: 0,
      });
      // Without `kid` a key would be chosen by trying: a token names its key.
      if (typeof protectedHeader.kid !== 'string') return err('key_unknown');
      const identity = identityOf(payload, protectedHeader.kid, trust);
      if (!identity.ok) return identity;
      const failure = validityAt(identity.value.document.caller, time);
      return failure === undefined ? identity : err(failure);
    } catch (error) {
      return err(failureOf(error));
    }
  };
}

function identityOf(
  claims: JWTPayload,
  kid: string,
  trust: JwtTrust,
): Result<Identity, 'claim_missing' | 'claim_invalid'> {
  const notBefore = claims.nbf ?? claims.iat;
  if (notBefore === undefined) return err('claim_missing');
  const scope = claims.scope ?? '';
  const [from, until] = [microsOf(notBefore), microsOf(claims.exp)];
  if (from === undefined || until === undefined || typeof scope !== 'string') return err('claim_invalid');
  // The schema of callers says what tenants, permissions, trust levels and subjects look like.
  const document = callerDocument({
    method: 'jwt',
    issuer: trust.issuer,
    audience: trust.audience,
    key_id: kid,
    not_before: formatTimestamp(from),
    expires: formatTimestamp(until),
    tenant: claims.tenant,
    permissions: claims.permissions ?? [],
    trust_level: claims.trust_level,
    subject: claims.sub,
  });
  if (document === undefined) return err('claim_invalid');
  return ok({ document, scopes: new Set(scope.split(' ').filter(isScope)) });
}

function callerDocument(wire: object): CallerDocument | undefined {
  const document = readJson(JSON.stringify(wire));
  const parsed = document.ok ? parseCaller(document.value) : document;
  return parsed.ok ? parsed.value : undefined;
}

/** NumericDate (RFC 7519 §2, seconds, maybe with a fraction) in microseconds. */
function microsOf(seconds: unknown): number | undefined {
  const micros = typeof seconds === 'number' ? Math.floor(seconds * 1e6) : Number.NaN;
  return Number.isSafeInteger(micros) && micros >= 0 ? micros : undefined;
}

function failureOf(error: unknown): CredentialFailure {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return claimFailure(error);
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return 'algorithm_not_allowed';
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'key_unknown';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature_invalid';
  // Whatever else goes wrong on the way is the token's fault, and it fails closed.
  return 'credential_malformed';
}

function claimFailure(error: errors.JWTClaimValidationFailed): CredentialFailure {
  if (error.reason === 'missing') return 'claim_missing';
  switch (error.claim) {
    case 'iss':
      return 'issuer_unknown';
    case 'aud':
      return 'audience_wrong';
    case 'nbf':
    case 'iat':
      return error.reason === 'check_failed' ? 'not_yet_valid' : 'claim_invalid';
    default:
      return 'claim_invalid';
  }
}
