import type { VerifierKey } from '../../kernel/verifier-key.js';
import type { StoragePort } from '../../log/port.js';
import type { Published } from '../../log/published.js';
import { askWitness, type WitnessWord } from './ask-witness.js';
import { type CosignedRecord, type CosignedStore, formatCosigned, nameOf } from './cosigned-record.js';
import type { Submit, WitnessAddress } from './witness-client.js';
import type { Submissions, Witnessed } from './witnessed.js';

/** The part of a log that is witnessed. */
export interface WitnessableLog {
  readonly storage: StoragePort;
  readonly published: Published;
  onPublished(listener: (published: Published) => void): () => void;
}

export interface WitnessingOptions {
  readonly log: WitnessableLog;
  readonly logKey: VerifierKey;
  readonly witnesses: readonly WitnessAddress[];
  /** How many must have cosigned a checkpoint before it counts as witnessed: 1 to all. */
  readonly quorum: number;
  readonly submit: Submit;
  readonly store: CosignedStore;
  /** From the run before. */
  readonly record?: CosignedRecord;
  readonly pace?: Pace;
  readonly observe?: (event: WitnessEvent) => void;
}

/** Milliseconds. */
export interface Pace {
  /** From the beginning of one round to that of the next, at least. */
  readonly round: number;
  /** Before a witness that failed is asked again: doubled from `first` to `most`. */
  readonly backOff: { readonly first: number; readonly most: number };
}

export interface WitnessEvent {
  readonly witness: string;
  readonly result: WitnessWord['kind'] | 'failed';
  /** Size of the checkpoint that it was asked about. */
  readonly size: number;
  readonly why?: string;
}

const defaultPace: Pace = { round: 250, backOff: { first: 500, most: 60_000 } };

interface Asked {
  readonly address: WitnessAddress;
  readonly name: string;
  lastSize: number;
  failures: number;
  /** A submission is under way, or it is not to be asked again yet. */
  busy: boolean;
}

/**
 * Gets cosignatures for the log's checkpoints, beside it: nothing waits for a witness. One checkpoint is put to all witnesses, until the quorum
 * has cosigned it; then the newest is. So whatever is published meanwhile is coalesced, and slow witnesses still meet at one size. At most one
 * submission is under way at each; one that fails is asked again later and later.
 */
export class Witnessing implements Witnessed {
  readonly #options: WitnessingOptions;
  readonly #pace: Pace;
  readonly #asked: readonly Asked[];
  readonly #lines = new Map<string, string>();
  readonly #submissions = new Map<string, Submissions>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #candidate: Published | undefined;
  #newest: Published | undefined;
  #saving: Promise<void> = Promise.resolve();
  #resting = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: WitnessingOptions) {
    this.#options = options;
    this.#pace = options.pace ?? defaultPace;
    this.#newest = options.record?.newest;
    this.#asked = options.witnesses.map((address) => {
      const name = nameOf(address.key);
      const lastSize = options.record?.sizes.get(name) ?? 0;
      return { address, name, lastSize, failures: 0, busy: false };
    });
  }

  get newest(): Published | undefined {
    return this.#newest;
  }

  get sizes(): ReadonlyMap<string, number> {
    return new Map(this.#asked.map(({ address, lastSize }) => [address.key.name, lastSize]));
  }

  get submissions(): readonly Submissions[] {
    return [...this.#submissions.values()];
  }

  start(): void {
    this.#unsubscribe = this.#options.log.onPublished(() => this.#round());
    this.#round();
  }

  /** Asks nobody any more; resolves when what was cosigned is kept. What is under way is not waited for: its answer can be had again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#saving.catch(() => {});
  }

  /** Takes the newest checkpoint where none is being put to the witnesses, unless the last round has only just begun. */
  #round(): void {
    if (this.#stopped || this.#candidate !== undefined || this.#resting) return;
    const { published } = this.#options.log;
    if (published.size <= (this.#newest?.size ?? 0)) return;
    this.#candidate = published;
    this.#lines.clear();
    this.#resting = true;
    this.#after(this.#pace.round, () => {
      this.#resting = false;
      this.#round();
    });
    for (const asked of this.#asked) this.#ask(asked);
  }

  #ask(asked: Asked): void {
    const candidate = this.#candidate;
    if (this.#stopped || asked.busy || candidate === undefined || this.#lines.has(asked.name)) return;
    asked.busy = true;
    void this.#askNow(asked, candidate).finally(() => {
      const again = () => {
        asked.busy = false;
        this.#ask(asked);
      };
      if (asked.failures > 0) this.#after(this.#backOff(asked.failures), again);
      else again();
    });
  }

  async #askNow(asked: Asked, candidate: Published): Promise<void> {
    const { log, logKey, submit } = this.#options;
    const event = { witness: asked.address.key.name, size: candidate.size };
    try {
      const word = await askWitness(submit, asked.address, log.storage, candidate, logKey, asked.lastSize);
      this.#observe({ ...event, result: word.kind, ...(word.kind === 'refused' ? { why: word.why } : {}) });
      if (word.kind === 'cosigned') this.#cosigned(asked, candidate, word.line);
      else this.#notCosigned(asked, candidate, word);
    } catch (cause) {
      asked.failures += 1;
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#observe({ ...event, result: 'failed', why });
    }
  }

  #observe(event: WitnessEvent): void {
    const { witness, result } = event;
    const before = this.#submissions.get(`${witness} ${result}`)?.count ?? 0;
    this.#submissions.set(`${witness} ${result}`, { witness, result, count: before + 1 });
    this.#options.observe?.(event);
  }

  #cosigned(asked: Asked, candidate: Published, line: string): void {
    asked.lastSize = candidate.size;
    asked.failures = 0;
    if (this.#stopped) return;
    if (candidate === this.#candidate) {
      this.#lines.set(asked.name, line);
      if (this.#lines.size < this.#options.quorum) return;
      this.#candidate = undefined;
      this.#keep({ ...candidate, checkpoint: candidate.checkpoint + [...this.#lines.values()].join('') });
      this.#round();
    } else if (candidate.size === this.#newest?.size) {
      // One more than the quorum, after it.
      this.#keep({ ...this.#newest, checkpoint: this.#newest.checkpoint + line });
    }
  }

  #notCosigned(asked: Asked, candidate: Published, word: WitnessWord): void {
    const { published } = this.#options.log;
    if (word.kind === 'ahead' && candidate === this.#candidate && word.size <= published.size) {
      // Asked before about a later checkpoint, by a run that ended before it could keep the answer.
      asked.lastSize = word.size;
      this.#candidate = published;
      this.#lines.clear();
      for (const other of this.#asked) this.#ask(other);
    } else {
      asked.failures += 1;
    }
  }

  #keep(newest: Published): void {
    this.#newest = newest;
    const sizes = new Map(this.#asked.map(({ name, lastSize }) => [name, lastSize]));
    const text = formatCosigned({ newest, sizes });
    const { store, observe } = this.#options;
    this.#saving = this.#saving
      .catch(() => {})
      .then(() => store.save(text))
      .catch((cause: Error) => {
        // It can be asked for again: what is lost is only what a restart would have known at once.
        observe?.({ witness: '', result: 'failed', size: newest.size, why: cause.message });
      });
  }

  #backOff(failures: number): number {
    const { first, most } = this.#pace.backOff;
    return Math.min(most, first * 2 ** (failures - 1));
  }

  #after(millis: number, act: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, millis);
    timer.unref();
    this.#timers.add(timer);
  }
}
