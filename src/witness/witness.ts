import { Fault } from '../kernel/errors.js';
import type { VerifierKey } from '../kernel/verifier-key.js';
import {
  type AddCheckpoint,
  formatCosignatureLines,
  formatStaleSize,
  parseAddCheckpoint,
  staleSizeType,
} from '../log/tlog/add-checkpoint.js';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from '../log/tlog/checkpoint.js';
import { cosignedBytes, formatCosignature } from '../log/tlog/cosignature.js';
import { parseNoteText } from '../log/tlog/note.js';
import { verifyNote } from '../log/tlog/note-verification.js';
import type { SigningKey } from '../proofs/signing-key.js';
import { consider } from './consider.js';
import type { WitnessStore } from './store.js';

export interface WitnessOptions {
  /** Of algorithm 4. */
  readonly key: SigningKey;
  /** Keys of the logs that are witnessed; the name of each is its origin. */
  readonly logs: readonly VerifierKey[];
  readonly store: WitnessStore;
  /** Seconds since the epoch. */
  readonly seconds: () => bigint;
}

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: 'text/plain; charset=utf-8' | typeof staleSizeType;
  readonly body: string;
}

/** Cosigns checkpoints of the logs it knows, each only as a continuation of the one it cosigned last (C2SP tlog-witness). */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /**
   * Answers the body of a `POST add-checkpoint`. Submissions for one log are answered one after the other, and the store takes each only in the place
   * of the one before, so two can never both be cosigned from one. Rejects with the store's faults; nothing is cosigned then.
   */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const parsed = parseAddCheckpoint(body);
    if (!parsed.ok) return plain(400, parsed.error.message);
    const note = parseNoteText(parsed.value.checkpoint);
    if (!note.ok) return plain(400, note.error.message);
    const { text } = note.value;
    const origin = text.slice(0, text.indexOf('\n'));
    const keys = this.#options.logs.filter(({ name }) => name === origin);
    if (keys.length === 0) return plain(404, 'this witness does not know a log of that origin');
    // A line in the name of one of the keys that is not its own counts as no signature at all.
    const signer = keys.find((key) => verifyNote(note.value, [key]).ok);
    if (signer === undefined) return plain(403, 'no signature of a key that is trusted for that origin');
    const checkpoint = verifyCheckpoint(note.value, signer);
    if (!checkpoint.ok) return plain(400, checkpoint.error.message);
    return this.#inTurn(origin, () => this.#decide(parsed.value, note.value.text, checkpoint.value));
  }

  async #decide({ oldSize, proof }: AddCheckpoint, text: string, next: Checkpoint): Promise<WitnessAnswer> {
    const { origin } = next;
    const before = await this.#options.store.read(origin);
    const last = before === undefined ? undefined : sizeAndRoot(before);
    const verdict = consider(last, oldSize, next, proof);
    switch (verdict.kind) {
      case 'cosign': {
        // Durable, and in the place of exactly what was read, before the cosignature leaves.
        const replaced = await this.#options.store.replace(origin, before, text);
        return replaced ? this.#cosign(text) : this.#stale(origin);
      }
      case 'stale':
        return { status: 409, type: staleSizeType, body: formatStaleSize(verdict.size) };
      case 'shrinks':
        return plain(400, 'the old size is greater than that of the checkpoint');
      case 'inconsistent':
        return plain(422, verdict.why);
      default:
        return verdict satisfies never;
    }
  }

  #cosign(text: string): WitnessAnswer {
    const { key, seconds } = this.#options;
    const time = seconds();
    const signature = key.sign(cosignedBytes(time, text));
    const bytes = formatCosignature({ seconds: time, signature });
    const line = formatCosignatureLines([{ name: key.name, hash: key.hash, bytes }]);
    return { status: 200, type: 'text/plain; charset=utf-8', body: line };
  }

  /** Another process was first. */
  async #stale(origin: string): Promise<WitnessAnswer> {
    const text = await this.#options.store.read(origin);
    const size = text === undefined ? 0 : sizeAndRoot(text).size;
    return { status: 409, type: staleSizeType, body: formatStaleSize(size) };
  }

  async #inTurn<T>(origin: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(origin) ?? Promise.resolve();
    const turn = before.then(act, act);
    const settled = turn.catch(() => {});
    this.#turns.set(origin, settled);
    return turn;
  }
}

/** Of the text of a checkpoint that was checked before it was stored. */
function sizeAndRoot(text: string) {
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.ok) return checkpoint.value;
  throw new Fault(
    'storage_failed',
    `what the witness remembers is no checkpoint: ${checkpoint.error.message}`,
    {
      retryable: false,
    },
  );
}

function plain(status: Exclude<WitnessAnswer['status'], 200 | 409>, why: string): WitnessAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${why}\n` };
}
