import type { VerifierKey } from '../../kernel/verifier-key.js';
import type { Published } from '../../log/published.js';
import { parseNoteText } from '../../log/tlog/note.js';
import { askWitness, type WitnessWord } from './ask-witness.js';
import { formatCosigned, nameOf } from './cosigned-record.js';
import { readShared, type SharedCosigned } from './shared-cosigned.js';
import type { WitnessAddress } from './witness-client.js';
import type { Submissions, Witnessed } from './witnessed.js';
import type { Pace, WitnessEvent, WitnessingOptions } from './witnessing-options.js';

/** How often what an overtaken instance waits is doubled: some seconds are enough for whoever overtook it to be done, or gone. */
const mostDoublings = 5;
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
 *
 * Instances on one log do the same beside each other. A witness takes only what goes on from what it has cosigned, so the smaller of two checkpoints
 * under way is in vain there: whose it is gives way, for as long as the other needs, and takes up what that has got. So one of them always gets on,
 * however slow the witnesses are, and what it gets all of them have.
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
  /** How often in a row another instance was first. */
  #overtaken = 0;
  #yielding = false;
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
    const { log, shared } = this.#options;
    if (this.#stopped || this.#resting) return;
    // What others get may end what is under way here.
    if (this.#candidate !== undefined && shared === undefined) return;
    if (log.published.size <= this.#newestSize) return;
    this.#rest(this.#pace.round);
    if (shared === undefined) this.#begin();
    else void this.#adopt(shared).then(() => this.#begin());
  }

  #begin(): void {
    const { published } = this.#options.log;
    if (this.#stopped || this.#candidate !== undefined || this.#yielding) return;
    if (published.size <= this.#newestSize) return;
    this.#candidate = published;
    this.#lines.clear();
    for (const asked of this.#asked) this.#ask(asked);
  }

  #rest(millis: number): void {
    this.#resting = true;
    this.#after(millis, () => {
      this.#resting = false;
      this.#round();
    });
  }

  get #newestSize(): number {
    return this.#newest?.size ?? 0;
  }

  /** Takes up what another instance has got. */
  async #adopt(shared: SharedCosigned): Promise<void> {
    const { log, logKey, witnesses, quorum } = this.#options;
    const keys = witnesses.map(({ key }) => key);
    // While its store is away the log says so itself, and nothing can be adopted.
    const found = await readShared(shared, log, logKey, keys, quorum, this.#newestSize).catch(
      () => undefined,
    );
    if (found === undefined || this.#stopped || found.size <= this.#newestSize) return;
    for (const asked of this.#asked) {
      if (found.by.includes(asked.address.key)) asked.lastSize = Math.max(asked.lastSize, found.size);
    }
    if (this.#candidate !== undefined && this.#candidate.size <= found.size) this.#drop();
    this.#overtaken = 0;
    this.#keep(found);
  }

  #drop(): void {
    this.#candidate = undefined;
    this.#lines.clear();
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
      const answer = await askWitness(submit, asked.address, log.storage, candidate, logKey, asked.lastSize);
      const word = answer.kind === 'ahead' ? await this.#ahead(answer) : answer;
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

  /** What the witness has seen is this log, if this log has grown as far. */
  async #ahead(word: Ahead): Promise<Ahead | Overtaken> {
    const { log } = this.#options;
    if (log.published.size < word.size) await log.refresh();
    return log.published.size < word.size ? word : { kind: 'overtaken', size: word.size };
  }

  #cosigned(asked: Asked, candidate: Published, line: string): void {
    asked.lastSize = Math.max(asked.lastSize, candidate.size);
    asked.failures = 0;
    if (this.#stopped) return;
    if (candidate === this.#candidate) {
      this.#lines.set(asked.name, line);
      if (this.#lines.size < this.#options.quorum) return;
      const checkpoint = candidate.checkpoint + [...this.#lines.values()].join('');
      this.#drop();
      this.#overtaken = 0;
      this.#keep({ ...candidate, checkpoint }, this.#options.shared);
      this.#round();
    } else if (candidate.size === this.#newest?.size && !isSignedBy(this.#newest, asked.address.key)) {
      // One more than the quorum, after it.
      this.#keep({ ...this.#newest, checkpoint: this.#newest.checkpoint + line }, this.#options.shared);
    }
  }

  #notCosigned(asked: Asked, candidate: Published, word: Exclude<WitnessWord, Cosigned> | Overtaken): void {
    if (word.kind !== 'overtaken') {
      asked.failures += 1;
      return;
    }
    asked.lastSize = word.size;
    asked.failures = 0;
    if (candidate !== this.#candidate) return;
    this.#drop();
    if (this.#options.shared !== undefined) this.#giveWay();
    // Nobody else asks: the run before did, and ended before it could keep the answer.
    else this.#begin();
  }

  #giveWay(): void {
    const millis = this.#pace.round * 2 ** Math.min(this.#overtaken, mostDoublings);
    this.#overtaken += 1;
    this.#yielding = true;
    this.#after(millis, () => {
      this.#yielding = false;
      this.#round();
    });
  }

  /** Also for the others, when it is given where. */
  #keep({ size, root, checkpoint }: Published, shared?: SharedCosigned): void {
    const newest = { size, root, checkpoint };
    this.#newest = newest;
    const sizes = new Map(this.#asked.map(({ name, lastSize }) => [name, lastSize]));
    const text = formatCosigned({ newest, sizes });
    const { store, observe } = this.#options;
    this.#saving = this.#saving
      .catch(() => {})
      .then(() => store.save(text))
      .then(() => shared?.write(newest))
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

type Cosigned = Extract<WitnessWord, { readonly kind: 'cosigned' }>;
type Ahead = Extract<WitnessWord, { readonly kind: 'ahead' }>;
interface Overtaken {
  readonly kind: 'overtaken';
  readonly size: number;
}

function isSignedBy({ checkpoint }: Published, { name, hash }: VerifierKey): boolean {
  const note = parseNoteText(checkpoint);
  return note.ok && note.value.signatures.some((line) => line.name === name && line.hash === hash);
}
