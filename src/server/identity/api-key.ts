import { hash, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '../../kernel/result.js';
import type { KeyRecord, KeyState } from '../../log/key-record.js';
import { type CredentialFailure, type Identity, validityAt } from './identity.js';
import { isScope } from './scope.js';

/** `caio_<id>_<secret>`: 8 random bytes in hex, 32 random bytes in base64url. */
const keyShape = /^caio_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

export type KeyGrant = Omit<KeyRecord, 'id' | 'digest'>;

/** A new key: its text, to be shown once, and the record that knows it again. `random` gives that many random bytes. */
export function mintApiKey(
  grant: KeyGrant,
  random: (bytes: number) => Uint8Array,
): { readonly key: string; readonly record: KeyRecord } {
  const id = Buffer.from(random(8)).toString('hex');
  const key = `caio_${id}_${Buffer.from(random(32)).toString('base64url')}`;
  return { key, record: { id, digest: digestOfKey(key), ...grant } };
}

export function looksLikeApiKey(credential: string): boolean {
  return credential.startsWith('caio_');
}

/** What every API key has in common: CAIO is their issuer and their audience. */
export interface KeyRealm {
  readonly issuer: string;
  readonly audience: string;
  /** The subject that a key names, where it is known: subjects are kept off the log. */
  readonly subjectOf: (key: string) => string | undefined;
  /** Looks up the subject of a key that names one; absent where `subjectOf` knows as it is. */
  readonly readSubject?: (key: string) => Promise<void>;
}

/**
 * Whose key this is at `time`. The comparison is of SHA-256 digests and takes the same time whether the id is unknown or the secret is
 * wrong; only who has the secret learns that a key was revoked or has expired.
 */
export function verifyApiKey(
  credential: string,
  keys: ReadonlyMap<string, KeyState>,
  realm: KeyRealm,
  time: number,
): Result<Identity, CredentialFailure> {
  const id = keyShape.exec(credential)?.[1];
  if (id === undefined) return err('credential_malformed');
  const state = keys.get(id);
  const presented = hash('sha256', credential, 'buffer');
  const expected = Buffer.from(state?.record.digest ?? '00'.repeat(32), 'hex');
  if (!timingSafeEqual(presented, expected) || state === undefined) return err('credential_unknown');
  if (state.revoked_at !== undefined) return err('revoked');
  const failure = validityAt(state.record, time);
  return failure === undefined ? ok(identityOf(state.record, realm)) : err(failure);
}

function identityOf(record: KeyRecord, realm: KeyRealm): Identity {
  const subject = realm.subjectOf(record.id);
  return {
    document: {
      ...(subject === undefined ? {} : { subject }),
      caller: {
        method: 'api_key',
        issuer: realm.issuer,
        audience: realm.audience,
        key_id: record.id,
        not_before: record.not_before,
        expires: record.expires,
        tenant: record.tenant,
        permissions: record.permissions,
        trust_level: record.trust_level,
      },
    },
    scopes: new Set(record.scopes.filter(isScope)),
  };
}

function digestOfKey(key: string): string {
  return hash('sha256', key, 'hex');
}
