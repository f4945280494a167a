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

/** `basic`: a browser may send an API key as the password, which is the only way in which it can send one by itself. */
export type Schemes = 'bearer' | 'bearer or basic';

export type Authenticate = (
  request: IncomingMessage,
  time: number,
  schemes: Schemes,
) => Promise<Result<Identity, CredentialFailure>>;

/** From `Authorization: Bearer <API key or JWT>` (RFC 6750 §2.1) to an identity. Two such headers are as bad as none. */
export function authenticator(authentication: Authentication): Authenticate {
  return async (request, time, schemes) => {
    const headers = request.headersDistinct.authorization ?? [];
    if (headers.length === 0) return err('credential_missing');
    const credential = headers.length === 1 ? credentialIn(headers[0] as string, schemes) : undefined;
    if (credential === undefined) return err('credential_malformed');
    if (looksLikeApiKey(credential)) {
      return identityOfKey(credential, authentication, time);
    }
    return authentication.jwt === undefined
      ? err('credential_unknown')
      : authentication.jwt(credential, time);
  };
}

/** A subject is looked up for whoever has the secret, and for nobody else. */
async function identityOfKey(
  credential: string,
  { keys, realm }: Authentication,
  time: number,
): Promise<Result<Identity, CredentialFailure>> {
  const found = verifyApiKey(credential, keys(), realm, time);
  if (!found.ok || realm.readSubject === undefined) return found;
  const { key_id: id } = found.value.document.caller;
  if (keys().get(id)?.record.subject_commitment === undefined) return found;
  await realm.readSubject(id);
  return verifyApiKey(credential, keys(), realm, time);
}

const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const basic = /^basic +([A-Za-z0-9+/]+=*)$/i;

function credentialIn(header: string, schemes: Schemes): string | undefined {
  if (header.length > 8192) return undefined;
  const token = bearer.exec(header)?.[1];
  if (token !== undefined || schemes === 'bearer') return token;
  const pair = Buffer.from(basic.exec(header)?.[1] ?? '', 'base64').toString('latin1');
  const password = pair.slice(pair.indexOf(':') + 1);
  return looksLikeApiKey(password) ? password : undefined;
}
