import { ok } from '../../kernel/result.js';
import { decodeUtf8 } from '../../kernel/utf8.js';
import { formatHashLines, parseHashLines } from './hash-list.js';
import { formatSignatureLine, maxNoteBytes, type NoteSignature, parseSignatureLines } from './note.js';
import { type TlogResult, tlogError } from './tlog-error.js';
import { parseNatural } from './tree-size.js';

/** What a log asks of a witness: `POST <prefix>/add-checkpoint` (C2SP tlog-witness). */
export interface AddCheckpoint {
  /** The size that the witness signed last, as far as the log knows. */
  readonly oldSize: number;
  /** RFC 6962 §2.1.2 from there to the checkpoint: at most 63 hashes. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
}

const maxProof = 63;

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${formatHashLines(proof)}\n${checkpoint}`;
}

/** What `formatAddCheckpoint` wrote; verifies nothing. Error `add_checkpoint_malformed`. */
export function parseAddCheckpoint(input: Uint8Array): TlogResult<AddCheckpoint> {
  const text = textOf(input);
  const border = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || border < 0) return malformed('not UTF-8, too large, or without an empty line');
  const [first, ...lines] = text.slice(0, border).split('\n');
  const oldSize = first?.startsWith('old ') ? parseNatural(first.slice('old '.length)) : undefined;
  if (oldSize === undefined) return malformed('no old size');
  const proof = lines.length > maxProof ? undefined : parseHashLines(lines);
  if (proof === undefined) return malformed('the proof is not at most 63 lines of base64 of 32 bytes');
  return ok({ oldSize, proof, checkpoint: text.slice(border + 2) });
}

/** The body of the answer 200: the witness's signature lines. */
export function formatCosignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatSignatureLine).join('');
}

/** At least one line, and only signature lines. Error `add_checkpoint_malformed`. */
export function parseCosignatureLines(input: Uint8Array): TlogResult<readonly NoteSignature[]> {
  const text = textOf(input);
  const signatures = text?.endsWith('\n') ? parseSignatureLines(text.slice(0, -1).split('\n')) : undefined;
  return signatures === undefined ? malformed('not signature lines') : ok(signatures);
}

/** Media type of the answer 409: the old size is not what the witness signed last. Its body is that size. */
export const staleSizeType = 'text/x.tlog.size';

export function formatStaleSize(size: number): string {
  return `${size}\n`;
}

/** Error `add_checkpoint_malformed`. */
export function parseStaleSize(input: Uint8Array): TlogResult<number> {
  const text = textOf(input);
  const size = text?.endsWith('\n') ? parseNatural(text.slice(0, -1)) : undefined;
  return size === undefined ? malformed('not a size and a line feed') : ok(size);
}

function textOf(input: Uint8Array): string | undefined {
  const text = input.length > 2 * maxNoteBytes ? undefined : decodeUtf8(input);
  return text?.ok ? text.value : undefined;
}

function malformed(message: string): TlogResult<never> {
  return tlogError('add_checkpoint_malformed', message);
}
