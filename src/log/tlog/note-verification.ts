import { ok } from '../../kernel/result.js';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { keyAlgorithm, type VerifierKey, verifyEd25519 } from '../../kernel/verifier-key.js';
import { cosignedBytes, parseCosignature } from './cosignature.js';
import type { Note } from './note.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** A key whose signature on a note was verified. */
export interface Signed {
  readonly key: VerifierKey;
  /** When, in seconds since the epoch, as a cosignature says it. */
  readonly seconds?: bigint;
}

/**
 * Which of `keys` signed the note, in the order of its lines, each key once. Signatures of other keys are passed over. Errors:
 * `signature_wrong` when any line claims to be of one of `keys` and is not, `unsigned` when none of them signed. One signature check a line
 * at most.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): TlogResult<readonly Signed[]> {
  const signed = new Map<VerifierKey, Signed>();
  for (const { name, hash, bytes } of note.signatures) {
    const key = keys.find((known) => known.name === name && known.hash === hash);
    if (key === undefined) continue;
    const found = checkSignature(key, bytes, note.text);
    if (found === undefined) return tlogError('signature_wrong', `the signature of ${name} is wrong`);
    if (!signed.has(key)) signed.set(key, found);
  }
  return signed.size > 0
    ? ok([...signed.values()])
    : tlogError('unsigned', 'none of the keys signed the note');
}

function checkSignature(key: VerifierKey, bytes: Uint8Array, text: string): Signed | undefined {
  switch (key.algorithm) {
    case keyAlgorithm.ed25519:
      return verifyEd25519(key.publicKey, encodeUtf8(text), bytes) ? { key } : undefined;
    case keyAlgorithm.cosignature: {
      const cosignature = parseCosignature(bytes);
      if (cosignature === undefined) return undefined;
      const { seconds, signature } = cosignature;
      const holds = verifyEd25519(key.publicKey, cosignedBytes(seconds, text), signature);
      return holds ? { key, seconds } : undefined;
    }
    default: {
      const never: never = key.algorithm;
      return never;
    }
  }
}
