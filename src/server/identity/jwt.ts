import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Caller, CallerDocument } from '../../contracts/caller.js';
import { parseTenantId } from '../../kernel/ids.js';
import { compareCodePoints } from '../../kernel/merkle.js';
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
  const caller = callerOf(claims, kid, trust, microsOf(notBefore), microsOf(claims.exp));
  const { sub } = claims;
  if (
    caller === undefined ||
    typeof sub !== 'string' ||
    sub === '' ||
    sub.length > 256 ||
    !sub.isWellFormed()
  ) {
    return err('claim_invalid');
  }
  const scope = claims.scope ?? '';
  if (typeof scope !== 'string') return err('claim_invalid');
  const document: CallerDocument = { caller, subject: sub };
  return ok({ document, scopes: new Set(scope.split(' ').filter(isScope)) });
}

function callerOf(
  claims: JWTPayload,
  kid: string,
  trust: JwtTrust,
  notBefore: number | undefined,
  expires: number | undefined,
): Caller | undefined {
  const { tenant, trust_level: trustLevel } = claims;
  const permissions = permissionsOf(claims.permissions ?? []);
  if (notBefore === undefined || expires === undefined || permissions === undefined) return undefined;
  if (typeof tenant !== 'string' || !parseTenantId(tenant).ok) return undefined;
  if (typeof trustLevel !== 'number' || !Number.isInteger(trustLevel)) return undefined;
  if (trustLevel < 0 || trustLevel > maxTrustLevel) return undefined;
  return {
    method: 'jwt',
    issuer: trust.issuer,
    audience: trust.audience,
    key_id: kid,
    not_before: notBefore,
    expires,
    tenant,
    permissions,
    trust_level: trustLevel,
  };
}

export const maxTrustLevel = 1_000_000;
export const permissionPattern = '^[a-z0-9][a-z0-9._:-]{0,63}$';
const permissionShape = new RegExp(permissionPattern);
/** Enough for any role, few enough that a caller stays below 2,048 canonical bytes. */
export const maxPermissions = 24;

/** Sorted without repeats; `undefined` when it is no list of permissions. */
export function permissionsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > maxPermissions) return undefined;
  const permissions: readonly unknown[] = value;
  const texts = permissions.filter(
    (item) => typeof item === 'string' && permissionShape.test(item),
  ) as string[];
  return texts.length === permissions.length ? [...new Set(texts)].sort(compareCodePoints) : undefined;
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
