import type { IncomingMessage } from 'node:http';
import { err, type Result } from '../../kernel/result.js';
import type { KeyState } from '../../log/key-record.js';
import { type KeyRealm, looksLikeApiKey, verifyApiKey } from './api-key.js';
import type { CredentialFailure, Identity } from './identity.js';
import type { JwtVerifier } from './jwt.js';

/** What credentials are checked against. `keys` is read anew each time: a revoked key is refused from its log entry on. */
export interface Authentication {
  readonly keys: () => ReadonlyMap<string, KeyState>;
  readonly realm: KeyRealm;
  /** Absent: no JWT is accepted. */
  readonly jwt?: JwtVerifier;
}

export type Authenticate = (
  request: IncomingMessage,
  time: number,
) => Promise<Result<Identity, CredentialFailure>>;

/** From `Authorization: Bearer <API key or JWT>` (RFC 6750 §2.1) to an identity. Two such headers are as bad as none. */
export function authenticator(authentication: Authentication): Authenticate {
  return async (request, time) => {
    const headers = request.headersDistinct.authorization ?? [];
    if (headers.length === 0) return err('credential_missing');
    const credential = headers.length === 1 ? bearerToken(headers[0] as string) : undefined;
    if (credential === undefined) return err('credential_malformed');
    if (looksLikeApiKey(credential)) {
      return verifyApiKey(credential, authentication.keys(), authentication.realm, time);
    }
    return authentication.jwt === undefined
      ? err('credential_unknown')
      : authentication.jwt(credential, time);
  };
}

const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

function bearerToken(header: string): string | undefined {
  return header.length > 8192 ? undefined : bearer.exec(header)?.[1];
}
