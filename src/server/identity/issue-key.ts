import { canonicalBytes } from '../../kernel/canonical.js';
import { digestFromBytes, hmacSha256 } from '../../kernel/digest.js';
import type { KeyRecord } from '../../log/key-record.js';
import { mintApiKey } from './api-key.js';
import type { Grant } from './parse-grant.js';

export interface IssuedKey {
  /** To be shown once. */
  readonly key: string;
  readonly record: KeyRecord;
  readonly subject?: string;
}

/** A new key for a grant. The subject goes into the record as a commitment under a salt that is thrown away: only its holder is meant to know it. */
export function issueKey(grant: Grant, random: (bytes: number) => Uint8Array): IssuedKey {
  const { subject, ...clear } = grant;
  if (subject === undefined) return mintApiKey(clear, random);
  const commitment = digestFromBytes(hmacSha256(random(32), canonicalBytes(subject)));
  return { ...mintApiKey({ ...clear, subject_commitment: commitment }, random), subject };
}
