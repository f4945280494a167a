import { digestFromBytes } from '../../kernel/digest.js';
import { parseVerifierKey, type VerifierKey } from '../../kernel/verifier-key.js';
import type { Genesis } from '../../log/entry.js';
import { decodeEntry } from '../../log/entry-codec.js';
import { verifyCheckpoint } from '../../log/tlog/checkpoint.js';
import { parseNoteText } from '../../log/tlog/note.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';
import type { LogSource } from '../log-source/log-source.js';
import { readEntryBytesOf } from '../log-source/read-entries.js';
import { orFailure } from './tlog-failure.js';

/** A checkpoint whose signature was verified, and by which key. */
export interface TrustedHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly checkpoint: string;
  readonly key: VerifierKey;
  /** `log`: the key is the one that the log names itself, so only damage and mistakes are found, not an operator's other log. */
  readonly keyFrom: 'given' | 'log';
  /** Names of all who claim to have signed the note. */
  readonly signers: readonly string[];
}

/** `--key`: a verifier key, or a file that holds one. */
export async function verifierKeyIn(option: string): Promise<VerifierKey> {
  const isKey = /^[^+\s]+\+[0-9a-f]{8}\+/.test(option);
  const key = parseVerifierKey(isKey ? option : (await readText(option, 'Verifier key')).trim());
  if (key.ok) return key.value;
  throw new CommandFailure('invalid_key', `--key ${option} is not a verifier key.`, [key.error]);
}

/** The source's checkpoint, or another note, with its signature verified by `key`, else by the key in the first entry. */
export async function trustedHead(
  source: LogSource,
  key: string | undefined,
  note?: string,
): Promise<TrustedHead> {
  const checkpoint = note ?? (await source.checkpoint());
  const verifierKey = key === undefined ? await keyOfGenesis(source) : await verifierKeyIn(key);
  const what = `the checkpoint of ${source.place}`;
  const parsed = orFailure(parseNoteText(checkpoint), what);
  const { origin, size, root } = orFailure(verifyCheckpoint(parsed, verifierKey), what);
  return {
    origin,
    size,
    root,
    checkpoint,
    key: verifierKey,
    keyFrom: key === undefined ? 'log' : 'given',
    signers: parsed.signatures.map(({ name }) => name),
  };
}

export async function genesisOf(source: LogSource): Promise<Genesis> {
  const entry = decodeEntry(await readEntryBytesOf(source, 0), 0);
  if (entry.kind === 'genesis') return entry;
  throw new CommandFailure(
    'verification_failed',
    `The log of ${source.place} begins with ${entry.kind}, not with genesis.`,
  );
}

async function keyOfGenesis(source: LogSource): Promise<VerifierKey> {
  const key = parseVerifierKey((await genesisOf(source)).verifier_key);
  if (key.ok) return key.value;
  throw new CommandFailure('verification_failed', `The key that ${source.place} names is none.`, [key.error]);
}

/** Members that tell of a head in JSON. */
export function headMembers({ origin, size, root, key, keyFrom, signers }: TrustedHead) {
  const verifier = `${key.name}+${key.hash}`;
  return { origin, size, root: digestFromBytes(root), key: verifier, key_from: keyFrom, signers };
}

export const keyNote: { readonly [From in TrustedHead['keyFrom']]: string } = {
  given: 'signature verified with the key given',
  log: 'signature verified with the key that the log names itself; give --key to know whose log it is',
};
