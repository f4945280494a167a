import { canonicalBytes } from '../../kernel/canonical.js';
import { digestFromBytes, hmacSha256 } from '../../kernel/digest.js';
import type { KeyRecord } from '../../log/key-record.js';
import { mintApiKey } from './api-key.js';
import type { Grant } from './parse-grant.js';

export interface IssuedKey {
  /** To be shown once. */
  readonly key: string;
  readonly record: KeyRecord;
  /** To be kept off the log: the subject, with the salt (hex) of the commitment to it that is in the record. */
  readonly opening?: { readonly subject: string; readonly salt: string };
}

/** A new key for a grant. The subject does not go into the record, which is for the log; a commitment to it does. */
export function issueKey(grant: Grant, random: (bytes: number) => Uint8Array): IssuedKey {
  const { subject, ...clear } = grant;
  if (subject === undefined) return mintApiKey(clear, random);
  const salt = random(32);
  const commitment = digestFromBytes(hmacSha256(salt, canonicalBytes(subject)));
  const minted = mintApiKey({ ...clear, subject_commitment: commitment }, random);
  return { ...minted, opening: { subject, salt: Buffer.from(salt).toString('hex') } };
}
