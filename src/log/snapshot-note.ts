import { decodeBase64, encodeBase64 } from '../kernel/base64.js';
import { type Digest, digestFromBytes, digestToBytes, parseDigest } from '../kernel/digest.js';
import type { VerifierKey } from '../kernel/verifier-key.js';
import type { Head } from './port.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';
import { formatNote, parseNoteText } from './tlog/note.js';
import { verifyNote } from './tlog/note-verification.js';
import { hashBytes } from './tlog/tile.js';
import { parseNatural } from './tlog/tree-size.js';

/** Which state the log's key says was complete at a size of the log. */
export interface SnapshotStatement extends Head {
  readonly origin: string;
  /** Of the manifest. */
  readonly digest: Digest;
}

const firstLine = 'caio/snapshot/v1';

/** `caio/snapshot/v1`, origin, size, base64 of the root, digest of the manifest, a line feed after each; signed with the log's key. */
export function signSnapshot(statement: Omit<SnapshotStatement, 'origin'>, signer: CheckpointSigner): string {
  const { name, hash } = signer;
  const root = encodeBase64(digestToBytes(statement.root));
  const lines = [firstLine, name, String(statement.size), root, statement.digest];
  const text = lines.map((line) => `${line}\n`).join('');
  return formatNote({ text, signatures: [{ name, hash, bytes: signer.sign(text) }] });
}

/** What `signSnapshot` wrote, when `key` signed it for the log of its name; `undefined` for anything else. */
export function verifySnapshot(text: string, key: VerifierKey): SnapshotStatement | undefined {
  const note = parseNoteText(text);
  if (!note.ok || !verifyNote(note.value, [key]).ok) return undefined;
  const [version, origin, digits, encoded, hex, end, ...more] = note.value.text.split('\n');
  const size = parseNatural(digits ?? '');
  const root = decodeBase64(encoded ?? '');
  const digest = parseDigest(hex ?? '');
  if (version !== firstLine || origin !== key.name || end !== '' || more.length > 0) return undefined;
  if (size === undefined || root?.length !== hashBytes || !digest.ok) return undefined;
  return { origin, size, root: digestFromBytes(root), digest: digest.value };
}
