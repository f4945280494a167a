import { ok, type Result } from '../kernel/result.js';
import { keyAlgorithm, type VerifierKey } from '../kernel/verifier-key.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';
import { formatNote, parseNoteText } from './tlog/note.js';
import { verifyNote } from './tlog/note-verification.js';
import { type TlogError, tlogError } from './tlog/tlog-error.js';
import { parseNatural } from './tlog/tree-size.js';

/**
 * What a service is given with each transmission: that this is the attempt of that number at it (log calculus section 3.5), and where the log has
 * it. Receipts with a gap between their numbers, or one that the log does not bear out, show that something was left out.
 */
export interface Receipt {
  /** Of the log: the name of the key that signed. */
  readonly origin: string;
  readonly service: string;
  /** From 1. */
  readonly number: number;
  /** Log index of the attempt, or of the decision that it rides in. */
  readonly index: number;
  readonly decision: string;
  readonly rank: number;
}

const type = 'caio/receipt/v1';
/** The header of a transmission that carries it: the note in base64. */
export const receiptHeader = 'x-caio-receipt';

/** A signed note (C2SP signed-note) with the receipt's parts, a line each. */
export function signReceipt(receipt: Omit<Receipt, 'origin'>, signer: CheckpointSigner): string {
  const { name, hash } = signer;
  const { service, number, index, decision, rank } = receipt;
  const lines = [type, name, service, number, index, decision, rank];
  const text = lines.map((line) => `${line}\n`).join('');
  return formatNote({ text, signatures: [{ name, hash, bytes: signer.sign(text) }] });
}

/** The receipt in a note that the log of `key` signed. Errors of `parseNote` and `verifyNote`, `key_unsuitable`, `origin_wrong`, `receipt_malformed`. */
export function openReceipt(note: string, key: VerifierKey): Result<Receipt, TlogError> {
  if (key.algorithm !== keyAlgorithm.ed25519) {
    return tlogError('key_unsuitable', 'a log signs receipts with algorithm 1');
  }
  const parsed = parseNoteText(note);
  if (!parsed.ok) return parsed;
  const signed = verifyNote(parsed.value, [key]);
  if (!signed.ok) return signed;
  const receipt = parseReceipt(parsed.value.text);
  if (receipt === undefined) return tlogError('receipt_malformed', 'the note is no receipt of an attempt');
  return receipt.origin === key.name
    ? ok(receipt)
    : tlogError('origin_wrong', `a receipt of ${receipt.origin}, not of ${key.name}`);
}

function parseReceipt(text: string): Receipt | undefined {
  const [first, origin, service, number, index, decision, rank, end, ...more] = text.split('\n');
  const numbers = [number, index, rank].map((digits) => parseNatural(digits ?? ''));
  const [counted, at, ranked] = numbers;
  if (first !== type || end !== '' || more.length > 0 || !origin || !service) return undefined;
  if (counted === undefined || counted < 1 || at === undefined || ranked === undefined) return undefined;
  if (decision === undefined || !/^[0-9a-f]{64}$/.test(decision)) return undefined;
  return { origin, service, number: counted, index: at, decision, rank: ranked };
}
