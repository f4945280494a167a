import { Fault } from '../kernel/errors.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import type { Begun, EventTask, Planned, Refresh, StateTask } from './append-tasks.js';
import type { AttemptCounts } from './attempt-counts.js';
import { batchOf } from './batch.js';
import type { DecisionIds } from './decision-ids.js';
import { RecentDecisions } from './decision-lookup.js';
import type { DecisionEntry, EventEntry, LogEntry } from './entry.js';
import { fittingTasks } from './fitting-tasks.js';
import { fold } from './fold.js';
import type { Keeper } from './keeper.js';
import type { Appended, DecisionAppend, EventsAppended, Log, LogOptions, MakeEntries, View } from './log.js';
import type { StoragePort } from './port.js';
import { headOf, type Published, publish } from './published.js';
import { readBehind } from './read-behind.js';
import { readEntry } from './read-entry.js';
import { spanEndOf, spanOver } from './span.js';
import type { CheckpointSigner } from './tlog/checkpoint.js';
import type { Frontier } from './tlog/frontier.js';

/** Batches of events in a row while a change waits. */
const eventRounds = 4;
const defaultWaitingAppends = 4096;

/** Made by `openLog`, which reads what there is first. */
export class Appender<Snapshot> implements Log<Snapshot> {
  readonly storage: StoragePort;
  readonly #build: LogOptions<Snapshot>['buildSnapshot'];
  readonly #batchEntries: number;
  readonly #gather: (() => Promise<void>) | undefined;
  readonly #waitingAppends: number;
  readonly #signer: CheckpointSigner;
  readonly #events: EventTask[] = [];
  readonly #changes: StateTask<Snapshot>[] = [];
  readonly #refreshes: Refresh[] = [];
  #view: View<Snapshot>;
  /** Of as many entries as are folded, once the append at hand is settled. */
  #frontier: Frontier;
  #published: Published;
  readonly #listeners = new Set<(published: Published) => void>();
  readonly #attempts: AttemptCounts;
  readonly #decisions: RecentDecisions;
  readonly #decided: DecisionIds;
  readonly #keeper: Keeper | undefined;
  #holds = 0;
  #running = false;
  /** A commit was rejected or refused: what is stored may be ahead of what is folded here. */
  #behind = false;
  /** Of the last commit, when it failed. */
  #fault: Fault | undefined;
  /** Why nothing may be appended ever again. */
  #condemned: Fault | undefined;

  constructor(options: LogOptions<Snapshot>, begun: Begun<Snapshot>) {
    this.storage = options.storage;
    this.#decisions = new RecentDecisions(options.storage);
    this.#build = options.buildSnapshot;
    this.#batchEntries = options.batchEntries ?? 256;
    this.#gather = options.gather;
    this.#waitingAppends = options.waitingAppends ?? defaultWaitingAppends;
    this.#signer = options.signer;
    this.#view = begun.view;
    this.#frontier = begun.frontier;
    this.#attempts = begun.attempts;
    this.#decided = begun.decided;
    this.#keeper = begun.keeper;
    this.#published = publish(begun.frontier, options.signer);
  }

  /** The state at hand is not to be trusted: nothing is appended from now on, and `check` rejects with the fault. */
  condemn(fault: Fault): void {
    this.#condemned = fault;
    this.#fault = fault;
  }

  async close(): Promise<void> {
    await this.#keeper?.close();
    await this.storage.close();
  }

  get published(): Published {
    return this.#published;
  }

  onPublished(listener: (published: Published) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(frontier: Frontier): void {
    this.#published = publish(frontier, this.#signer);
    for (const listener of this.#listeners) listener(this.#published);
  }

  get view(): View<Snapshot> {
    return this.#view;
  }

  get size(): number {
    return this.#view.folded.size;
  }

  read(index: number): Promise<LogEntry | undefined> {
    return index < this.size ? readEntry(this.storage, index) : Promise.resolve(undefined);
  }

  async check(): Promise<void> {
    if (this.#fault === undefined) await this.storage.readHead();
    // A commit without entries, in its turn: it catches up first, and shows that the store takes commits again.
    else
      await new Promise<void>((resolve, reject) => {
        this.#changes.push({ plan: (view) => ({ entries: [], view }), settle: () => resolve(), reject });
        void this.#drain();
      });
  }

  refresh(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#refreshes.push({ resolve, reject });
      void this.#drain();
    });
  }

  appendDecision(entry: DecisionEntry): Promise<DecisionAppend> {
    return new Promise((resolve, reject) => {
      this.#refuseMoreThanFits();
      this.#events.push({
        entries: [entry],
        asOf: entry.certificate.inputs.state.as_of,
        resolve: (appended) =>
          resolve(appended === 'stale' ? { kind: 'stale' } : { kind: 'appended', ...appended }),
        reject,
      });
      void this.#drain();
    });
  }

  appendEvents(
    entries: readonly Exclude<EventEntry, DecisionEntry>[],
    spanEnd?: number,
  ): Promise<EventsAppended> {
    return new Promise((resolve, reject) => {
      const settle = (appended: EventsAppended | 'stale') =>
        appended === 'stale' ? reject(spanOver()) : resolve(appended);
      this.#events.push({ entries, asOf: undefined, spanEnd, resolve: settle, reject });
      void this.#drain();
    });
  }

  appendState<E>(
    make: MakeEntries<Snapshot, E>,
  ): Promise<Result<Appended<Snapshot>, E | readonly Problem[]>> {
    return new Promise((resolve, reject) => {
      this.#refuseMoreThanFits();
      const plan = (view: View<Snapshot>): Planned<Snapshot> | undefined => {
        const made = make(view);
        if (!made.ok) {
          resolve(made);
          return undefined;
        }
        const { size } = view.folded;
        if (made.value.length === 0) {
          resolve(ok({ from: size, to: size, view }));
          return undefined;
        }
        const next = this.#advance(view, made.value);
        if (!next.ok) resolve(next);
        return next.ok ? { entries: made.value, view: next.value } : undefined;
      };
      const settle = (from: number, view: View<Snapshot>) =>
        resolve(ok({ from, to: view.folded.size, view }));
      this.#changes.push({ plan, settle, reject });
      void this.#drain();
    });
  }

  /** Hashes and folds what the store has and this process has not seen. */
  async catchUp(): Promise<void> {
    const { entries, frontier } = await readBehind(this.storage, this.#frontier);
    const next = this.#advance(this.#view, entries);
    if (!next.ok) {
      // Another writer appended a state that this program cannot build: go no further on an old one.
      throw new Fault('storage_failed', `the state at size ${frontier.size} cannot be built`, {
        retryable: false,
      });
    }
    this.#attempts.count(entries);
    this.#decided.add(entries);
    this.#publish(frontier);
    this.#frontier = frontier;
    this.#view = next.value;
    this.#behind = false;
    this.#settled();
  }

  #settled(): void {
    const { root } = this.#published;
    const [attempts, decided] = [this.#attempts, this.#decided];
    this.#keeper?.settled({ folded: this.#view.folded, root, attempts, decided });
  }

  /** Attempts and outcomes are not counted: they belong to decisions that were let in. */
  #refuseMoreThanFits(): void {
    if (this.#events.length + this.#changes.length < this.#waitingAppends) return;
    throw new Fault('unavailable', 'The log takes no more until what waits for it is written.', {
      retryable: true,
    });
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let rounds = 0;
    while (this.#refreshes.length + this.#events.length + this.#changesInTurn() > 0) {
      if (this.#refreshes.length > 0) await this.#refreshAll(this.#refreshes.splice(0));
      if (this.#events.length + this.#changesInTurn() === 0) continue;
      if (this.#gather !== undefined) await this.#gather();
      // Decisions go before the changes that wait with them, and one made again goes before the next change: neither can keep
      // the other out for ever.
      const next = this.#changesInTurn() > 0 && (this.#events.length === 0 || rounds >= eventRounds);
      const change = next ? this.#changes.shift() : undefined;
      if (change === undefined) await this.#commitEvents(this.#takeEvents());
      else await this.#commitState(change);
      rounds = change === undefined ? rounds + 1 : 0;
    }
    this.#running = false;
  }

  /** How many changes may go next. */
  #changesInTurn(): number {
    return this.#holds === 0 ? this.#changes.length : 0;
  }

  holdChanges(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      void this.#drain();
    };
  }

  /** All that wait are answered by one look at the store. */
  async #refreshAll(waiting: readonly Refresh[]): Promise<void> {
    try {
      await this.catchUp();
      for (const { resolve } of waiting) resolve();
    } catch (cause) {
      this.#noteFault(cause);
      for (const { reject } of waiting) reject(cause);
    }
  }

  #takeEvents(): EventTask[] {
    let entries = 0;
    const count = this.#events.findIndex((task) => {
      entries += task.entries.length;
      return entries > this.#batchEntries;
    });
    return this.#events.splice(0, count === -1 ? this.#events.length : Math.max(count, 1));
  }

  async #commitEvents(tasks: readonly EventTask[]): Promise<void> {
    try {
      let fresh: EventTask[];
      let entries: EventEntry[];
      do {
        if (this.#behind) await this.catchUp();
        // INVARIANT(INV-CAIO-LOG-0002): nothing but events is appended below, so `as_of` still holds at each index given here.
        const { state } = this.#view.folded;
        fresh = await fittingTasks(tasks, state.as_of, this.#decided, this.storage);
        entries = fresh.flatMap((task) => task.entries);
      } while (entries.length > 0 && !(await this.#commit(entries)));
      let index = this.size;
      this.#view = { ...this.#view, folded: entries.reduce(fold, this.#view.folded) };
      const appended = new Set(fresh);
      for (const task of tasks) {
        if (!appended.has(task)) {
          task.resolve('stale');
          continue;
        }
        this.#decided.add(task.entries);
        task.resolve({ index, ...this.#attempts.count(task.entries), ...this.#spanOf(task) });
        index += task.entries.length;
      }
      this.#settled();
    } catch (cause) {
      this.#noteFault(cause);
      for (const task of tasks) task.reject(cause);
    }
  }

  /** Of a decision that is executed, once it is counted among those in the log. */
  #spanOf({ entries: [entry] }: EventTask): { readonly spanEnd?: number } {
    if (entry?.kind !== 'decision' || entry.attempt === undefined) return {};
    return { spanEnd: spanEndOf(entry.certificate, this.#decided.latest) };
  }

  async #commitState(task: StateTask<Snapshot>): Promise<void> {
    try {
      let from: number;
      let planned: Planned<Snapshot> | undefined;
      do {
        if (this.#behind) await this.catchUp();
        from = this.size;
        planned = task.plan(this.#view);
        if (planned === undefined) return;
      } while (!(await this.#commit(planned.entries)));
      this.#view = planned.view;
      task.settle(from, planned.view);
      this.#settled();
    } catch (cause) {
      this.#noteFault(cause);
      task.reject(cause);
    }
  }

  /** What is thrown here leaves `#behind` set: the next append reads the head before it goes on, so it continues what is stored. */
  #noteFault(cause: unknown): void {
    if (cause instanceof Fault) this.#fault = cause;
  }

  /** The commit point; then the checkpoint is signed. False: another writer was first. */
  async #commit(entries: readonly LogEntry[]): Promise<boolean> {
    if (this.#condemned !== undefined) throw this.#condemned;
    const decided = await this.#decisions.lookupFor(entries, this.#frontier.size);
    const { batch, frontier } = batchOf(entries, this.#frontier, decided);
    // Until the answer is known, whatever happened counts as having happened.
    this.#behind = true;
    if ((await this.storage.commit(headOf(this.#frontier), batch)) !== 'committed') return false;
    this.#publish(frontier);
    this.#decisions.remember(entries, this.#frontier.size);
    this.#frontier = frontier;
    this.#behind = false;
    this.#fault = undefined;
    return true;
  }

  #advance(view: View<Snapshot>, entries: readonly LogEntry[]): Result<View<Snapshot>, readonly Problem[]> {
    const folded = entries.reduce(fold, view.folded);
    if (folded.state === view.folded.state) return ok({ ...view, folded });
    const snapshot = this.#build(folded.state, view.snapshot);
    return snapshot.ok ? ok({ folded, snapshot: snapshot.value }) : err(snapshot.error);
  }
}
