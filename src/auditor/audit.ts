import { Falsehood } from '../verifier/falsehood.js';
import type { LogEntry } from '../verifier/log-entry.js';
import { readLogEntry } from '../verifier/log-entry-shapes.js';
import { LogFalsehood } from '../verifier/log-falsehood.js';
import type { LogFault } from '../verifier/log-fault.js';
import { beginLog, takeEntry } from '../verifier/log-fold.js';
import type { LogMemory } from '../verifier/log-memory.js';
import { signatureFaults } from '../verifier/log-signatures.js';
import { bundlesOf, entriesOfBundle } from '../verifier/log-tiles.js';
import { countAttempt, countDecision, countOutcome } from './attempt-claims.js';
import type { DecisionChecker, DecisionTask } from './decision-check.js';
import type { AuditPlan } from './plan.js';
import type { Progress } from './progress.js';
import { draw } from './sample.js';
import type { LogSource } from './source.js';
import { countFaults } from './tally.js';
import { hashBundle, rootFaults } from './tree-check.js';

/** Decisions that are given to a checker at once. */
const batchDecisions = 64;

/** Reads a log from where `progress` is to the root that it goes towards. */
export class Audit {
  readonly #source: LogSource;
  readonly #plan: AuditPlan;
  readonly #checker: DecisionChecker;
  readonly #progress: Progress;
  #batch: DecisionTask[] = [];
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | undefined;

  constructor(source: LogSource, plan: AuditPlan, checker: DecisionChecker, progress: Progress) {
    this.#source = source;
    this.#plan = plan;
    this.#checker = checker;
    this.#progress = progress;
    if (progress.memory !== undefined) checker.begin(progress.memory.state);
  }

  /**
   * Goes on to the end, or until `pause`, asked after each bundle, says so; true at the end. What is found is in the progress then, with
   * nothing left under way. Rejects with the faults of the source.
   */
  async run(pause: (progress: Progress) => boolean): Promise<boolean> {
    const { edge, target } = this.#progress;
    for (const bundle of bundlesOf(target.size)) {
      if (256 * bundle.index < edge.size) continue;
      let entries: readonly Uint8Array[];
      try {
        entries = entriesOfBundle(bundle, await this.#source.readBundle(bundle));
      } catch (error) {
        if (!(error instanceof LogFalsehood)) throw error;
        // Without these entries nothing after them can be told.
        this.#count([{ code: 'root_wrong', index: edge.size, message: error.message }]);
        await this.settle();
        return true;
      }
      this.#count(await hashBundle(this.#progress, this.#source, bundle, entries));
      for (const [i, bytes] of entries.entries()) await this.#take(256 * bundle.index + i, bytes);
      if (pause(this.#progress) && edge.size < target.size) {
        await this.settle();
        return false;
      }
    }
    this.#count(await rootFaults(this.#progress, this.#source));
    await this.settle();
    return true;
  }

  /** Nothing is under way any more. */
  async settle(): Promise<void> {
    this.#flush();
    while (this.#pending.size > 0) await Promise.race(this.#pending);
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  async #take(index: number, bytes: Uint8Array): Promise<void> {
    const progress = this.#progress;
    const { memory } = progress;
    const entry = this.#read(index, bytes);
    const kind = entry?.kind ?? 'malformed';
    progress.kinds.set(kind, (progress.kinds.get(kind) ?? 0) + 1);
    if (memory === undefined) this.#begin(index, entry);
    else if (entry === undefined) memory.size = index + 1;
    else await this.#takeIn(memory, entry, index, bytes);
    if (this.#batch.length >= batchDecisions) await this.#flushInTurn();
  }

  /** A log whose first entry is no genesis says nothing of what follows. */
  #begin(index: number, entry: LogEntry | undefined): void {
    if (index > 0 || entry === undefined) return;
    const begun = beginLog(entry);
    if ('code' in begun) {
      this.#count([begun]);
      return;
    }
    this.#progress.memory = begun;
    const { origin, key, signed } = this.#progress.target;
    const same = (!signed || begun.origin === origin) && (key === undefined || begun.verifierKey === key);
    const message = `the log says that it is ${begun.origin}, of the key ${begun.verifierKey}`;
    if (!same) this.#count([{ code: 'genesis_of_another_log', index, message }]);
    this.#checker.begin(begun.state);
  }

  async #takeIn(memory: LogMemory, entry: LogEntry, index: number, bytes: Uint8Array): Promise<void> {
    const { counts } = this.#progress;
    if ('change' in entry && entry.change !== undefined) counts.changeNotes += 1;
    if (entry.kind === 'outcome' && entry.result?.signature !== undefined) counts.resultSignatures += 1;
    if ('author' in entry || entry.kind === 'outcome') this.#count(await signatureFaults(memory, entry));
    const { state } = memory;
    this.#count(takeEntry(memory, entry));
    switch (entry.kind) {
      case 'decision':
        this.#takeDecision(memory, entry, index, bytes);
        return;
      case 'attempt':
        this.#count(countAttempt(this.#progress, this.#plan, entry, index));
        return;
      case 'outcome':
        countOutcome(this.#progress, entry);
        return;
      case 'genesis':
      case 'proof':
      case 'access':
      case 'erasure':
        return;
      default:
        if (memory.state === state) return;
        this.#flush();
        this.#checker.step({
          index,
          entry,
          ...(entry.kind === 'history.epoch' ? { rows: memory.state.history.rows } : {}),
        });
    }
  }

  #takeDecision(
    memory: LogMemory,
    entry: Extract<LogEntry, { kind: 'decision' }>,
    index: number,
    bytes: Uint8Array,
  ): void {
    const { from, to = Number.POSITIVE_INFINITY, level, sample } = this.#plan;
    if (index < from || index >= to) return;
    const progress = this.#progress;
    this.#count(countDecision(progress, this.#plan, memory, entry, index));
    const drawn =
      sample !== undefined && draw(progress.sample, sample.size, sample.seed, progress.target.root, index);
    const asked = drawn ? 3 : level;
    if (asked === 3) progress.counts.optimal += 1;
    this.#batch.push({ index, bytes, level: asked });
  }

  /** The canonical form of decisions is checked with the rest of them. */
  #read(index: number, bytes: Uint8Array): LogEntry | undefined {
    try {
      const entry = readLogEntry(bytes, false);
      return entry.kind === 'decision' && this.#isInRange(index) ? entry : readLogEntry(bytes);
    } catch (error) {
      if (!(error instanceof Falsehood)) throw error;
      const { code: detail, path, message } = error;
      this.#count([{ code: 'entry_malformed', index, message, detail, path }]);
      return undefined;
    }
  }

  #isInRange(index: number): boolean {
    return index >= this.#plan.from && (this.#plan.to === undefined || index < this.#plan.to);
  }

  #count(faults: readonly LogFault[]): void {
    countFaults(this.#progress.tally, faults, this.#plan.listed);
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const checked = this.#checker.check(batch).then(
      (faults) => this.#count(faults),
      (cause: unknown) => {
        this.#failure ??= { cause };
      },
    );
    const settled = checked.finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  /** Not further ahead of the checks than a few batches: memory stays that of one state. */
  async #flushInTurn(): Promise<void> {
    this.#flush();
    while (this.#pending.size >= mostPending) await Promise.race(this.#pending);
  }
}

const mostPending = 16;
