import { digestFromBytes } from '../../kernel/digest.js';
import type { Head } from '../../log/port.js';
import { parseCheckpoint } from '../../log/tlog/checkpoint.js';
import { parseNoteText } from '../../log/tlog/note.js';
import { CommandFailure } from '../failure.js';

/** What a checkpoint says, its signatures not looked at. */
export function headIn(note: string, place: string): Head {
  const parsed = parseNoteText(note);
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) {
    throw new CommandFailure(
      'verification_failed',
      `The checkpoint of ${place} is none: ${checkpoint.error.message}.`,
    );
  }
  const { size, root } = checkpoint.value;
  return { size, root: digestFromBytes(root) };
}

/** The note, when it is of the size that was asked for. */
export function latestOnly(note: string, size: number | undefined, place: string): string {
  const latest = headIn(note, place).size;
  if (size === undefined || size === latest) return note;
  throw new CommandFailure(
    'usage',
    `${place} has the checkpoint of size ${latest}, none of size ${size}.`,
    [],
    'Name the file of one that was kept: --checkpoint FILE.',
  );
}
