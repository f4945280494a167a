import { decodeBase64, encodeBase64 } from '../../kernel/base64.js';
import { ok } from '../../kernel/result.js';
import { keyAlgorithm, type VerifierKey } from '../../kernel/verifier-key.js';
import { formatNote, type Note } from './note.js';
import { type Signed, verifyNote } from './note-verification.js';
import { hashBytes } from './tile.js';
import { type TlogResult, tlogError } from './tlog-error.js';
import { parseNatural } from './tree-size.js';

/** What a log says about itself (C2SP tlog-checkpoint, without extension lines). */
export interface Checkpoint {
  /** The name of the log and of the key that signs for it. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Signs the text of checkpoints in the name of a log, without saying how. */
export interface CheckpointSigner {
  /** Name and hash of the key, as in its verifier key. */
  readonly name: string;
  readonly hash: string;
  /** Ed25519 over the UTF-8 of the text, 64 bytes. */
  readonly sign: (text: string) => Uint8Array;
}

/** `<origin>`, `<size>` and `<base64(root)>`, a line feed after each. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** What `formatCheckpoint` wrote, and nothing else. Error `checkpoint_malformed`. */
export function parseCheckpoint(text: string): TlogResult<Checkpoint> {
  const [origin, digits, encoded, end, ...more] = text.split('\n');
  const size = parseNatural(digits ?? '');
  const root = decodeBase64(encoded ?? '');
  if (origin === undefined || origin === '' || end !== '' || more.length > 0) {
    return tlogError('checkpoint_malformed', 'a checkpoint is an origin, a size and a root, a line each');
  }
  if (size === undefined) return tlogError('checkpoint_malformed', 'the size is not a natural number');
  return root?.length === hashBytes
    ? ok({ origin, size, root })
    : tlogError('checkpoint_malformed', 'the root is not base64 of 32 bytes');
}

/** The checkpoint as a signed note. Its origin is the name of the signer. */
export function signCheckpoint(size: number, root: Uint8Array, signer: CheckpointSigner): string {
  const { name, hash } = signer;
  const text = formatCheckpoint({ origin: name, size, root });
  return formatNote({ text, signatures: [{ name, hash, bytes: signer.sign(text) }] });
}

export interface VerifiedCheckpoint extends Checkpoint {
  /** Those of the witnesses that cosigned. */
  readonly cosigned: readonly Signed[];
}

/**
 * The checkpoint of the log of `key`. Errors: `key_unsuitable`, those of `verifyNote` (also for a wrong line of one of the witnesses),
 * `unsigned` when only witnesses signed, `checkpoint_malformed`, `origin_wrong`. How many witnesses are enough is for the caller to say.
 */
export function verifyCheckpoint(
  note: Note,
  key: VerifierKey,
  witnesses: readonly VerifierKey[] = [],
): TlogResult<VerifiedCheckpoint> {
  const { ed25519, cosignature } = keyAlgorithm;
  if (key.algorithm !== ed25519 || witnesses.some(({ algorithm }) => algorithm !== cosignature)) {
    return tlogError('key_unsuitable', 'a log signs with algorithm 1, a witness with algorithm 4');
  }
  const signed = verifyNote(note, [key, ...witnesses]);
  if (!signed.ok) return signed;
  if (!signed.value.some((each) => each.key === key)) {
    return tlogError('unsigned', `${key.name} did not sign`);
  }
  const checkpoint = parseCheckpoint(note.text);
  if (!checkpoint.ok) return checkpoint;
  const { origin } = checkpoint.value;
  if (origin !== key.name) return tlogError('origin_wrong', `a checkpoint of ${origin}, not of ${key.name}`);
  return ok({ ...checkpoint.value, cosigned: signed.value.filter((each) => each.key !== key) });
}
