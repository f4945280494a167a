import { digestFromBytes } from '../../kernel/digest.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import { continuityOf } from '../../log/continuity.js';
import type { Published } from '../../log/published.js';
import { type VerifiedCheckpoint, verifyCheckpoint } from '../../log/tlog/checkpoint.js';
import { parseNoteText } from '../../log/tlog/note.js';
import type { WitnessableLog } from './witnessable-log.js';

/**
 * Where the instances on one log show each other the newest checkpoint that a quorum has cosigned: a hint, which whoever reads it verifies. Both reject
 * with the store's Fault.
 */
export interface SharedCosigned {
  read(): Promise<string | undefined>;
  /** Keeps it unless what is there is of a larger log. */
  write(newest: Published): Promise<void>;
}

/** What another instance has got. */
export interface Adopted extends Published {
  /** Keys of the witnesses that cosigned it. */
  readonly by: readonly VerifierKey[];
}

/**
 * What stands in the shared place, when it is of a larger log than `size`, cosigned by as many of the witnesses as are needed, and a beginning of
 * this very log, which is read anew where it is shorter. `undefined` for anything else: then there is nothing to be had from it.
 */
export async function readShared(
  shared: SharedCosigned,
  log: WitnessableLog,
  logKey: VerifierKey,
  witnesses: readonly VerifierKey[],
  quorum: number,
  size: number,
): Promise<Adopted | undefined> {
  const text = await shared.read();
  const found = text === undefined ? undefined : verified(text, logKey, witnesses);
  if (text === undefined || found === undefined || found.size <= size) return undefined;
  const by = witnesses.filter((key) => found.cosigned.some((each) => each.key === key));
  if (by.length < quorum) return undefined;
  if (log.published.size < found.size) await log.refresh();
  // What an instance shows has to be what it can prove: never beyond what it has read, nor of another history.
  if (log.published.size < found.size) return undefined;
  if ((await continuityOf(log.storage, found)).kind !== 'continues') return undefined;
  return { size: found.size, root: digestFromBytes(found.root), checkpoint: text, by };
}

function verified(
  text: string,
  logKey: VerifierKey,
  witnesses: readonly VerifierKey[],
): VerifiedCheckpoint | undefined {
  const note = parseNoteText(text);
  const opened = note.ok ? verifyCheckpoint(note.value, logKey, witnesses) : undefined;
  return opened?.ok ? opened.value : undefined;
}
