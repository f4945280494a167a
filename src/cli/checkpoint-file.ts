import { formatVerifierKey, type VerifierKey } from '../kernel/verifier-key.js';
import { continuityOf } from '../log/continuity.js';
import type { StoragePort } from '../log/port.js';
import { readEntry } from '../log/read-entry.js';
import { type Checkpoint, verifyCheckpoint } from '../log/tlog/checkpoint.js';
import { parseNoteText } from '../log/tlog/note.js';
import type { PublishingLog } from '../server/witnesses/witnessable-log.js';
import { readIfThere, writeDurably } from './durable-file.js';
import { CommandFailure } from './failure.js';

/** What to do about a log that is not the one that was published. Nothing here overrides: going on would be a second history. */
export const discontinuedHint =
  'Put back the newest copy of the log. If what is missing is lost for good, keep both as evidence and begin a log of another name ' +
  '(caio init). docs/operations/checkpoints-and-witnesses.md says how to tell what is missing.';

/**
 * Refuses a store that does not go on from the checkpoint in `file`: it is shorter, or its first entries are others. Nothing is refused where there is
 * no such file: a log that is new, or whose file was moved away by hand. Throws CommandFailure `log_discontinued`.
 */
export async function refuseDiscontinued(
  file: string,
  storage: StoragePort,
  key: VerifierKey,
): Promise<void> {
  const text = await readIfThere(file);
  if (text === undefined) return;
  const published = checkpointIn(text, key);
  if (published === undefined) {
    // A log of another key is refused when it is opened, for that reason.
    if (await isOfAnother(storage, key)) return;
    throw new CommandFailure('log_discontinued', `${file} holds no checkpoint of this log.`, [], damagedHint);
  }
  const found = await continuityOf(storage, published);
  switch (found.kind) {
    case 'continues':
      return;
    case 'behind':
      throw discontinued(
        `The log has ${found.size} entries, but ${published.size} were published (${file}): it was rolled back.`,
      );
    case 'forked':
      throw discontinued(
        `The first ${published.size} entries of the log are not those that were published (${file}): it was changed.`,
      );
    default:
      found satisfies never;
  }
}

export function discontinued(message: string): CommandFailure {
  return new CommandFailure('log_discontinued', message, [], discontinuedHint);
}

const damagedHint =
  'It is of another log or was damaged. Give this log a file of its own (checkpoint in caio.yaml), or put back the right one.';

function checkpointIn(text: string, key: VerifierKey): Checkpoint | undefined {
  const note = parseNoteText(text);
  const opened = note.ok ? verifyCheckpoint(note.value, key) : note;
  return opened.ok ? opened.value : undefined;
}

async function isOfAnother(storage: StoragePort, key: VerifierKey): Promise<boolean> {
  if ((await storage.readHead()) === undefined) return false;
  const first = await readEntry(storage, 0);
  return first.kind === 'genesis' && first.verifier_key !== formatVerifierKey(key);
}

/** At most one write in so many milliseconds, and one at the end. */
const pauseMillis = 1000;

/** Keeps the last published checkpoint in `file`. What is published is durable in the store before, so the file is never ahead of it. */
export class CheckpointFile {
  readonly #file: string;
  readonly #log: PublishingLog;
  readonly #failed: (cause: unknown) => void;
  #written = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(file: string, log: PublishingLog, failed: (cause: unknown) => void) {
    this.#file = file;
    this.#log = log;
    this.#failed = failed;
  }

  /** Resolves when the checkpoint at hand is kept; rejects when it cannot be: a log that could not be guarded does not start. */
  async start(): Promise<void> {
    await this.#write();
    this.#unsubscribe = this.#log.onPublished(() => this.#later());
  }

  /** Keeps the last one. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write().catch(this.#failed);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write()
        .catch(this.#failed)
        .finally(() => {
          this.#timer = undefined;
          if (this.#log.published.size > this.#written) this.#later();
        });
    }, pauseMillis).unref();
  }

  async #write(): Promise<void> {
    const { size, checkpoint } = this.#log.published;
    if (size === this.#written) return;
    await writeDurably(this.#file, checkpoint);
    this.#written = size;
  }
}
