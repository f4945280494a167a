import { decodeBase64, encodeBase64 } from '../../kernel/base64.js';
import { ok } from '../../kernel/result.js';
import { decodeUtf8 } from '../../kernel/utf8.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { formatHashLines, parseHashLines } from './hash-list.js';
import { verifyInclusion } from './inclusion.js';
import { maxNoteBytes, parseNoteText } from './note.js';
import { type TlogResult, tlogError } from './tlog-error.js';
import { parseNatural } from './tree-size.js';

/** An entry's place in a log and all that shows it, in one file (C2SP tlog-proof). */
export interface TlogProof {
  /** What the log's application needs beside the entry. */
  readonly extra?: Uint8Array;
  readonly index: number;
  /** RFC 6962 §2.1.1, the sibling of the leaf first. */
  readonly path: readonly Uint8Array[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
}

const type = 'c2sp.org/tlog-proof@v1';
/** More than a tree of 2⁶³ leaves needs. */
const maxPath = 63;

export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  const extraLine = extra === undefined ? '' : `extra ${encodeBase64(extra)}\n`;
  return `${type}\n${extraLine}index ${index}\n${formatHashLines(path)}\n${checkpoint}`;
}

/** What `formatTlogProof` wrote; verifies nothing. Error `proof_malformed`. */
export function parseTlogProof(input: Uint8Array): TlogResult<TlogProof> {
  const text = decodeUtf8(input);
  if (!text.ok || input.length > 2 * maxNoteBytes) return malformed('it is not UTF-8, or too large');
  const border = text.value.indexOf('\n\n');
  const [first, ...lines] = text.value.slice(0, Math.max(border, 0)).split('\n');
  if (border < 0 || first !== type) return malformed(`it does not begin with ${type}`);
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = extraLine === undefined ? undefined : decodeBase64(extraLine);
  if (extraLine !== undefined && extra === undefined) return malformed('extra is not base64');
  const position = lines.shift();
  const index = position?.startsWith('index ') ? parseNatural(position.slice('index '.length)) : undefined;
  if (index === undefined) return malformed('it has no index');
  const path = lines.length > maxPath ? undefined : parseHashLines(lines);
  if (path === undefined) return malformed('the path is not at most 63 lines of base64 of 32 bytes');
  const checkpoint = text.value.slice(border + 2);
  return ok({ ...(extra === undefined ? {} : { extra }), index, path, checkpoint });
}

/**
 * That the entry of hash `leaf` stands at the proof's index in the log of `key`; the checkpoint under which it does. Errors of `parseNote`,
 * `verifyCheckpoint` and `verifyInclusion`. What `extra` means is not looked at.
 */
export function verifyTlogProof(
  proof: TlogProof,
  leaf: Uint8Array,
  key: VerifierKey,
  witnesses: readonly VerifierKey[] = [],
): TlogResult<VerifiedCheckpoint> {
  const note = parseNoteText(proof.checkpoint);
  if (!note.ok) return note;
  const checkpoint = verifyCheckpoint(note.value, key, witnesses);
  if (!checkpoint.ok) return checkpoint;
  const { root, size } = checkpoint.value;
  const included = verifyInclusion(root, size, proof.index, leaf, proof.path);
  return included.ok ? checkpoint : included;
}

function malformed(why: string): TlogResult<never> {
  return tlogError('proof_malformed', `not a tlog-proof: ${why}`);
}
