import { decodeBase64, encodeBase64 } from '../../kernel/base64.js';
import { ok } from '../../kernel/result.js';
import { decodeUtf8 } from '../../kernel/utf8.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** A line `— <name> <base64(hash ‖ bytes)>` of a signed note. The hash says which key is claimed and proves nothing. */
export interface NoteSignature {
  readonly name: string;
  /** Eight hex digits. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** A text, ending in a line feed, and who claims to have signed it (C2SP signed-note). */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export const maxNoteBytes = 1_000_000;
export const maxNoteSignatures = 100;

/**
 * Splits a note at its last empty line; verifies nothing. Error `note_malformed`: not UTF-8, a control character other than a line
 * feed, no empty line, no line feed at the end, another line than a signature behind the empty line, more than 100 signatures or 10⁶ bytes.
 */
export function parseNote(input: Uint8Array): TlogResult<Note> {
  if (input.length > maxNoteBytes) return malformed('the note is too large');
  const text = decodeUtf8(input);
  return text.ok ? parseNoteText(text.value) : malformed('the note is not UTF-8');
}

/** `parseNote` for a text. */
export function parseNoteText(input: string): TlogResult<Note> {
  if (!input.isWellFormed()) return malformed('the note has a lone surrogate');
  if (hasControls(input)) return malformed('the note has control characters');
  const border = input.lastIndexOf('\n\n');
  if (border < 0 || !input.endsWith('\n')) return malformed('the note has no empty line or does not end one');
  const lines = input.slice(border + 2, -1).split('\n');
  if (lines.length > maxNoteSignatures) return malformed(`the note has ${lines.length} signatures`);
  const signatures = parseSignatureLines(lines);
  return signatures === undefined
    ? malformed('a line behind the empty line is no signature')
    : ok({ text: input.slice(0, border + 1), signatures });
}

/** The note as it is sent. The text ends in a line feed and has no other control characters: the caller made it so. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignatureLine).join('')}`;
}

export function formatSignatureLine({ name, hash, bytes }: NoteSignature): string {
  return `— ${name} ${encodeBase64(Buffer.concat([Buffer.from(hash, 'hex'), bytes]))}\n`;
}

/** `undefined` when one of the lines is something else. Lines come without their line feeds. */
export function parseSignatureLines(lines: readonly string[]): readonly NoteSignature[] | undefined {
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name, encoded] = signatureLine.exec(line) ?? [];
    const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
    if (name === undefined || bytes === undefined || bytes.length <= 4) return undefined;
    const hash = Buffer.from(bytes.subarray(0, 4)).toString('hex');
    signatures.push({ name, hash, bytes: bytes.subarray(4) });
  }
  return signatures;
}

const signatureLine = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/=]+)$/u;

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

function malformed(message: string): TlogResult<never> {
  return tlogError('note_malformed', message);
}
