// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { fromBase64 } from './base64.js';
import { utf8 } from './canonical.js';
import { documentDigest } from './decision-inputs.js';
import { digest } from './digest.js';
import { shown } from './falsehood.js';
import { isBreaker, isSetup } from './log-change.js';
import type { Change, KeyRecord, LogEntry, OutcomeEntry } from './log-entry.js';
import { LogFalsehood } from './log-falsehood.js';
import type { LogFault } from './log-fault.js';
import type { KeyState, LogMemory } from './log-memory.js';
import type { Note } from './log-note.js';
import { parseNote, parseNoteKey, signedBy } from './log-note.js';
import { decisionWithin } from './log-span.js';
import { toHex } from './sha256.js';

/** Faults of the signatures that an entry carries or lacks, at index `memory.size`. */
export async function signatureFaults(memory: LogMemory, entry: LogEntry): Promise<LogFault[]> {
  const index = memory.size;
  if (entry.kind === 'outcome') return resultFaults(memory, entry, index);
  if (!('author' in entry) || entry.kind === 'access' || entry.kind === 'erasure') return [];
  if (isSetup(entry.author) || isBreaker(entry.author)) return [];
  const fault = await changeFault(memory, entry);
  return fault === undefined ? [] : [{ ...fault, index }];
}

type Unplaced = Omit<LogFault, 'index'>;

async function changeFault(memory: LogMemory, entry: Change): Promise<Unplaced | undefined> {
  const needed = memory.state.parameters.approval?.[approvedKind(entry)];
  if (entry.change === undefined) {
    return (
      needed && { code: 'change_missing', message: `a change that needs the signature of its ${needed}` }
    );
  }
  let note: Note;
  try {
    note = parseNote(entry.change);
  } catch (error) {
    if (!(error instanceof LogFalsehood)) throw error;
    return { code: 'change_wrong', message: error.message };
  }
  const expiry = /\n(0|[1-9][0-9]*)\n$/.exec(note.text)?.[1] ?? '';
  const expected = changeText(entry, memory.origin, expiry);
  if (note.text !== expected) {
    return { code: 'change_wrong', message: `expected ${shown(expected)}, found ${shown(note.text)}` };
  }
  if (entry.time >= Number(expiry)) return { code: 'change_expired', message: `it held until ${expiry}` };
  return signersFault(memory, entry, note, needed);
}

async function signersFault(
  memory: LogMemory,
  { author, time }: Change,
  note: Note,
  needed: 'author' | 'author_and_approver' | undefined,
): Promise<Unplaced | undefined> {
  const records = [...memory.keys.values()].filter((key) => isUsable(key, time)).map(({ record }) => record);
  try {
    const own = records.find(({ id }) => id === author.key_id);
    const authorKey = own && (await signingKeyIn(note, own));
    if (authorKey === undefined) {
      return { code: 'change_unsigned', message: `not signed with a key of its author, ${author.key_id}` };
    }
    if (needed !== 'author_and_approver') return undefined;
    for (const record of records) {
      const key = record.id === author.key_id ? undefined : await signingKeyIn(note, record);
      if (key !== undefined && key !== authorKey) return undefined;
    }
    return { code: 'change_unsigned', message: 'not signed by an approver' };
  } catch (error) {
    if (!(error instanceof LogFalsehood)) throw error;
    return { code: 'change_unsigned', message: error.message };
  }
}

/** The public key of the record in hex when it signed the note. Throws a LogFalsehood when a line of it is wrong. */
async function signingKeyIn(note: Note, { verifier_key: text }: KeyRecord): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const key = parseNoteKey(text);
  if (key.algorithm !== 1 || (await signedBy(note, key)) === undefined) return undefined;
  return toHex(key.publicKey);
}

function isUsable({ record, revokedAt }: KeyState, time: number): boolean {
  return revokedAt === undefined && record.not_before <= time && time < record.expires;
}

function approvedKind({ kind }: Change): 'availability' | 'contract' | 'key' | 'parameters' | 'policy' {
  return kind.slice(0, kind.indexOf('.')) as ReturnType<typeof approvedKind>;
}

/** The six lines that a change note of this entry has. */
export function changeText(entry: Change, origin: string, expiry: string): string {
  const [id, what] = changedWhat(entry);
  return ['caio/change/v1', origin, entry.kind, id, what, expiry, ''].join('\n');
}

function changedWhat(entry: Change): readonly [id: string, what: string] {
  switch (entry.kind) {
    case 'contract.put':
      return [entry.contract.id, documentDigest('caio/contract/v1', entry.contract)];
    case 'contract.remove':
      return [entry.service, '-'];
    case 'policy.put':
      return [entry.policy.id, documentDigest('caio/policy/v1', entry.policy)];
    case 'policy.remove':
      return [entry.policy, '-'];
    case 'parameters.put':
      return ['-', documentDigest('caio/parameters/v1', entry.parameters)];
    case 'key.put':
      return [entry.key.id, digest('caio/key-record/v1', entry.key)];
    case 'key.revoke':
      return [entry.key, '-'];
    case 'availability.put':
      return [entry.service, entry.state];
  }
}

async function resultFaults(memory: LogMemory, entry: OutcomeEntry, index: number): Promise<LogFault[]> {
  const { signature, commitment } = entry.result ?? {};
  const member = decisionWithin(memory, entry.decision)?.chain[entry.rank];
  if (signature === undefined || commitment === undefined || member?.contract === undefined) return [];
  const text = `caio/result/v1\n${entry.decision}\n${commitment}\n`;
  if (await signedResult(member.contract.api.result_key, fromBase64(signature), text)) return [];
  const message = `not a signature of ${entry.service.service} over the result`;
  return [{ code: 'result_signature_wrong', index, message, decision: entry.decision }];
}

async function signedResult(
  keyText: string | undefined,
  signature: Uint8Array | undefined,
  message: string,
): Promise<boolean> {
  if (keyText === undefined || signature?.length !== 64) return false;
  try {
    const { publicKey } = parseNoteKey(keyText);
    const { subtle } = crypto;
    const key = await subtle.importKey('raw', publicKey.slice(), 'Ed25519', false, ['verify']);
    return await subtle.verify('Ed25519', key, signature.slice(), utf8(message).slice());
  } catch (error) {
    if (error instanceof LogFalsehood) return false;
    throw error;
  }
}
