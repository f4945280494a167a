import { err, ok, type Result } from '../kernel/result.js';
import { encodeUtf8 } from '../kernel/utf8.js';
import { keyAlgorithm, parseVerifierKey, type VerifierKey } from '../kernel/verifier-key.js';
import {
  approvalKindOf,
  type ChangeEntry,
  changeLines,
  formatChange,
  parseChange,
  statementOf,
} from './change-statement.js';
import type { Author } from './entry.js';
import type { Folded } from './fold.js';
import type { KeyState } from './key-record.js';
import { type Note, parseNoteText } from './tlog/note.js';
import { verifyNote } from './tlog/note-verification.js';

/** Why a change does not stand as it is signed. */
export type ChangeCode =
  | 'change_missing'
  | 'change_malformed'
  | 'change_differs'
  | 'change_expired'
  | 'author_without_key'
  | 'author_key_invalid'
  | 'signature_wrong'
  | 'author_signature_missing'
  | 'approval_missing';

export interface ChangeRefusal {
  readonly code: ChangeCode;
  /** A sentence that says what to do. */
  readonly message: string;
}

/** Who has to sign a change of this kind. */
export type RequiredSignatures = 'none' | 'author' | 'author_and_approver';

/** Room for sixteen signatures; an entry with the largest contract has room for it. */
export const maxChangeBytes = 4096;

type Checked<T> = Result<T, ChangeRefusal>;
type Before = Pick<Folded, 'origin' | 'keys' | 'state'>;

/** What the parameters ask of this entry: nothing of those that the server makes by itself. */
export function requiredSignatures(entry: ChangeEntry, before: Before): RequiredSignatures {
  if (isExempt(entry.author)) return 'none';
  return before.state.parameters.approval?.[approvalKindOf(entry.kind)] ?? 'none';
}

/**
 * Whether an entry may stand behind the state `before` as it is signed (log calculus section 6): the parameters and keys that count are those
 * before it. A note that nothing asks for must hold all the same. One signature check for each line of the note at most, 100 µs each.
 */
export function checkChange(entry: ChangeEntry, before: Before): Checked<undefined> {
  const required = requiredSignatures(entry, before);
  if (entry.change === undefined) {
    return required === 'none'
      ? ok(undefined)
      : refusal('change_missing', `a change of this kind needs a signed note of its ${sayWho(required)}`);
  }
  const note = parseChangeNote(entry.change);
  if (!note.ok) return note;
  const said = checkStatement(note.value, entry, before.origin);
  if (!said.ok) return said;
  const author = authorKey(entry, before.keys);
  if (!author.ok) return author;
  const signed = signersOf(note.value, before.keys);
  if (!signed.ok) return signed;
  return checkSigners(signed.value, author.value, approvers(before.keys, author.value, entry.time), required);
}

/** A note with six lines of a change. Whether they are true, and who signed them, is not looked at. */
export function parseChangeNote(text: string): Checked<Note> {
  if (encodeUtf8(text).length > maxChangeBytes) {
    return refusal('change_malformed', `the note has more than ${maxChangeBytes} bytes`);
  }
  const note = parseNoteText(text);
  if (!note.ok) return refusal('change_malformed', note.error.message);
  return parseChange(note.value.text) === undefined
    ? refusal('change_malformed', 'the note does not have the six lines of a caio/change/v1')
    : note;
}

function checkStatement({ text }: Note, entry: ChangeEntry, origin: string): Checked<undefined> {
  const said = parseChange(text);
  if (said === undefined) return refusal('change_malformed', 'the note is none of a change');
  const expected = formatChange(statementOf(entry, origin, said.expires)).split('\n');
  const differs = text.split('\n').findIndex((line, at) => line !== expected[at]);
  if (differs !== -1) {
    const line = changeLines[differs] ?? 'text';
    return refusal('change_differs', `the ${line} that was signed is not that of this change: sign this one`);
  }
  if (entry.time < said.expires) return ok(undefined);
  return refusal('change_expired', 'the note has expired: sign the change again with a later expiry');
}

/** Only an API key can have signed: no other credential has a record that names a verifier key. */
function authorKey({ author, time }: ChangeEntry, keys: Folded['keys']): Checked<VerifierKey> {
  const state = author.method === 'api_key' ? keys.get(author.key_id) : undefined;
  const key = state === undefined ? undefined : noteKeyOf(state);
  if (state === undefined || key === undefined) {
    const message = 'the credential names no verifier key: send the change with an API key that has one';
    return refusal('author_without_key', message);
  }
  return holdsAt(state, time)
    ? ok(key)
    : refusal('author_key_invalid', 'the key of the author is revoked, expired or not valid yet');
}

/** Keys that may approve: known, holding, and of another public key than the author's. */
function approvers(keys: Folded['keys'], author: VerifierKey, time: number): readonly VerifierKey[] {
  return [...keys.values()].flatMap((state) => {
    const key = holdsAt(state, time) ? noteKeyOf(state) : undefined;
    return key === undefined || samePublicKey(key, author) ? [] : [key];
  });
}

/** Which keys of all records signed, whether they hold or not: a line that claims to be of one of them has to be. */
function signersOf(note: Note, keys: Folded['keys']): Checked<readonly VerifierKey[]> {
  const known = [...keys.values()].flatMap((state) => noteKeyOf(state) ?? []);
  const verified = verifyNote(note, known);
  if (verified.ok) return ok(verified.value.map(({ key }) => key));
  return verified.error.code === 'unsigned' ? ok([]) : refusal('signature_wrong', verified.error.message);
}

function checkSigners(
  signed: readonly VerifierKey[],
  author: VerifierKey,
  others: readonly VerifierKey[],
  required: RequiredSignatures,
): Checked<undefined> {
  const hasSigned = (key: VerifierKey) =>
    signed.some((each) => each.name === key.name && samePublicKey(each, key));
  if (!hasSigned(author)) {
    const message = `the author has not signed with ${author.name}+${author.hash}, its verifier key`;
    return refusal('author_signature_missing', message);
  }
  if (required !== 'author_and_approver' || others.some(hasSigned)) return ok(undefined);
  const message = 'nobody but its author signed: a second key that is known and holds has to approve';
  return refusal('approval_missing', message);
}

/** Notes are signed with Ed25519 over the text; another kind of key signs none. */
function noteKeyOf({ record }: KeyState): VerifierKey | undefined {
  if (record.verifier_key === undefined) return undefined;
  const key = parseVerifierKey(record.verifier_key);
  return key.ok && key.value.algorithm === keyAlgorithm.ed25519 ? key.value : undefined;
}

function holdsAt({ record, revoked_at: revoked }: KeyState, time: number): boolean {
  return revoked === undefined && record.not_before <= time && time < record.expires;
}

function samePublicKey(one: VerifierKey, other: VerifierKey): boolean {
  return Buffer.compare(one.publicKey, other.publicKey) === 0;
}

/** Entries that begin a log, and those of breakers, are nobody's to sign. */
function isExempt({ method, key_id: id }: Author): boolean {
  return method === 'local' && (id === 'setup' || id === 'breaker');
}

function sayWho(required: RequiredSignatures): string {
  return required === 'author_and_approver' ? 'author and of an approver' : 'author';
}

function refusal(code: ChangeCode, message: string): Checked<never> {
  return err({ code, message });
}
