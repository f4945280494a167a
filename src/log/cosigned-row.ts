import type { VerifierKey } from '../kernel/verifier-key.js';
import { indexDigits } from './index-rows.js';
import type { StoragePort } from './port.js';
import type { Published } from './published.js';
import { storedTiles } from './stored-tiles.js';
import { verifyCheckpoint } from './tlog/checkpoint.js';
import { sameHash } from './tlog/hash-list.js';
import { parseNoteText } from './tlog/note.js';
import { treeRoot } from './tlog/tree-root.js';

/**
 * The row in which instances on one store show each other the newest checkpoint that witnesses have cosigned. A hint, made from no entry: whoever reads
 * it verifies it, and without it the witnesses are asked. Its value begins with the size in digits, so of two values the greater is of the larger log.
 */
export const cosignedKey = 'cosigned/newest';

export function cosignedValue({ size, checkpoint }: Pick<Published, 'size' | 'checkpoint'>): string {
  return `${indexDigits(size)}\n${checkpoint}`;
}

/** The signed note in a value; `undefined` where there is none. */
export function cosignedNote(value: string): string | undefined {
  return /^\d{16}\n([\s\S]+)$/.exec(value)?.[1];
}

/** Why a value is no checkpoint of this log; nothing where it is one, or of more entries than `size`. */
export async function cosignedFault(
  storage: Pick<StoragePort, 'readBlob' | 'readBlobs'>,
  value: string,
  key: VerifierKey,
  size: number,
): Promise<string | undefined> {
  const text = cosignedNote(value);
  const note = text === undefined ? undefined : parseNoteText(text);
  const opened = note?.ok ? verifyCheckpoint(note.value, key) : note;
  if (opened === undefined) return 'it is not a size and a note';
  if (!opened.ok) return opened.error.message;
  const checkpoint = opened.value;
  if (value !== cosignedValue({ size: checkpoint.size, checkpoint: text as string }))
    return 'its size is not that of its checkpoint';
  if (checkpoint.size > size) return undefined;
  const root = await treeRoot(storedTiles(storage, size), checkpoint.size);
  if (!root.ok) return root.error.message;
  return sameHash(root.value, checkpoint.root) ? undefined : 'its root is not that of the entries';
}
