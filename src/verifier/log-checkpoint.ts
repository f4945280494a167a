// Generated from notebooks/math/07_transparency_log.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { fromBase64 } from './base64.js';
import { demand } from './log-falsehood.js';
import type { Signed } from './log-note.js';
import { parseNote, parseNoteKey, signedBy, textOf } from './log-note.js';
import { entryHash, isIncluded } from './log-tree.js';
import { toHex } from './sha256.js';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function parseCheckpoint(text: string): Checkpoint {
  const [origin, digits, encoded, end, ...more] = text.split('\n');
  demand(end === '' && more.length === 0, 'checkpoint_malformed', 'not three lines');
  demand(origin !== undefined && origin !== '', 'checkpoint_malformed', 'no origin');
  const size = naturalOf(digits);
  demand(size !== undefined, 'checkpoint_malformed', 'no size');
  const root = fromBase64(encoded ?? '');
  demand(root !== undefined && root.length === 32, 'checkpoint_malformed', 'no root');
  return { origin, size, root };
}

/** Decimal digits without zeros in front, exact; else undefined. */
function naturalOf(text: string | undefined): number | undefined {
  const value = /^(0|[1-9][0-9]*)$/.test(text ?? '') ? Number(text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}

export interface OpenedCheckpoint extends Checkpoint {
  /** Those of the witnesses asked for that cosigned. */
  readonly witnesses: readonly Signed[];
}

/** The checkpoint in a note signed by the log's own key, and cosigned by at least `quorum` of the witnesses. */
export async function openCheckpoint(
  input: Uint8Array | string,
  key: string,
  witnesses: readonly string[] = [],
  quorum = 0,
): Promise<OpenedCheckpoint> {
  const note = parseNote(input);
  const logKey = parseNoteKey(key);
  demand(logKey.algorithm === 1, 'key_malformed', 'a log signs with algorithm 1');
  demand((await signedBy(note, logKey)) !== undefined, 'unsigned', `not signed by ${logKey.name}`);
  const checkpoint = parseCheckpoint(note.text);
  demand(checkpoint.origin === logKey.name, 'origin_wrong', `a checkpoint of ${checkpoint.origin}`);
  const cosigned = new Map<string, Signed>();
  for (const text of witnesses) {
    const witness = parseNoteKey(text);
    demand(witness.algorithm === 4, 'key_malformed', 'a witness signs with algorithm 4');
    const signed = await signedBy(note, witness);
    if (signed !== undefined) cosigned.set(toHex(witness.publicKey), signed);
  }
  demand(cosigned.size >= quorum, 'too_few_witnesses', `${cosigned.size} of ${quorum} witnesses`);
  return { ...checkpoint, witnesses: [...cosigned.values()] };
}

export interface LogProof {
  readonly extra?: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The signed note, as it stands in the file. */
  readonly checkpoint: string;
}

/** Splits a tlog-proof; nothing in it is checked yet. */
export function parseLogProof(input: Uint8Array | string): LogProof {
  const whole = typeof input === 'string' ? input : textOf(input, 'proof_malformed');
  const border = whole.indexOf('\n\n');
  demand(border >= 0, 'proof_malformed', 'no empty line before the checkpoint');
  const [type, ...lines] = whole.slice(0, border).split('\n');
  demand(type === 'c2sp.org/tlog-proof@v1', 'proof_malformed', 'not a tlog-proof');
  const extra = lines[0]?.startsWith('extra ') ? fromBase64((lines.shift() as string).slice(6)) : null;
  const position = lines.shift() ?? '';
  const index = position.startsWith('index ') ? naturalOf(position.slice(6)) : undefined;
  demand(
    extra !== undefined && index !== undefined,
    'proof_malformed',
    'no index, or extra data that is not base64',
  );
  demand(lines.length <= 63, 'proof_malformed', `a path of ${lines.length} hashes`);
  const path = lines.map((line) => {
    const hash = fromBase64(line);
    demand(
      hash !== undefined && hash.length === 32,
      'proof_malformed',
      'a path of something else than hashes',
    );
    return hash;
  });
  return { ...(extra === null ? {} : { extra }), index, path, checkpoint: whole.slice(border + 2) };
}

/** That `entry` stands in the log of the key, and where. Throws the first thing that is false. */
export async function verifyLogProof(
  entry: Uint8Array,
  input: Uint8Array | string,
  key: string,
  witnesses: readonly string[] = [],
  quorum = 0,
): Promise<{ readonly index: number; readonly checkpoint: OpenedCheckpoint }> {
  const { index, path, checkpoint: note } = parseLogProof(input);
  const checkpoint = await openCheckpoint(note, key, witnesses, quorum);
  const included = isIncluded(index, checkpoint.size, entryHash(entry), path, checkpoint.root);
  demand(included, 'inclusion_wrong', `the entry is not at ${index} of ${checkpoint.size}`);
  return { index, checkpoint };
}
