import { digestFromBytes } from '../../kernel/digest.js';
import { Fault } from '../../kernel/errors.js';
import { leafHash } from '../../kernel/merkle.js';
import type { LogEntry } from '../../log/entry.js';
import { decodeEntry } from '../../log/entry-codec.js';
import { headOf } from '../../log/published.js';
import type { Receipt } from '../../log/receipt.js';
import type { Checkpoint } from '../../log/tlog/checkpoint.js';
import { emptyFrontier, type Frontier, grow } from '../../log/tlog/frontier.js';
import { CommandFailure } from '../failure.js';
import type { GivenReceipt } from './read-receipts.js';

/** What the log says of one receipt. `found`: just what the receipt says. */
export interface ReceiptFinding {
  readonly file: string;
  readonly result: 'found' | 'omitted' | 'renumbered';
  readonly says: string;
}

/** An attempt between the first and the last receipt of a service that none of the receipts given is of. */
export interface Gap {
  readonly service: string;
  readonly number: number;
  readonly index: number;
  readonly decision: string;
  readonly rank: number;
  /** As the log has it; absent: the attempt has no outcome and counts as disclosed. */
  readonly outcome?: string;
}

export interface ReceiptsReport {
  readonly size: number;
  readonly findings: readonly ReceiptFinding[];
  readonly gaps: readonly Gap[];
}

interface Place {
  readonly number: number;
  readonly index: number;
}

const keyOf = (decision: string, rank: number): string => `${decision} ${rank}`;

/**
 * Holds receipts against a whole log: every entry is hashed, and the root compared with that of the checkpoint before anything is said; attempts
 * are counted by service in log order (log calculus section 3.5). Memory: the receipts, the gaps and one entry. Throws CommandFailure
 * `verification_failed` when the entries are not those under the root.
 */
export async function checkReceipts(
  given: readonly GivenReceipt[],
  entries: AsyncIterable<Uint8Array>,
  checkpoint: Checkpoint,
  progress: (index: number) => void,
): Promise<ReceiptsReport> {
  const reader = new ReceiptReader(given);
  let frontier: Frontier = emptyFrontier;
  for await (const bytes of entries) {
    const index = frontier.size;
    frontier = grow(frontier, [leafHash(bytes)]).frontier;
    readEntry(reader, bytes, index);
    if (index % 256 === 255) progress(index + 1);
  }
  const { size, root } = checkpoint;
  if (frontier.size !== size || headOf(frontier).root !== digestFromBytes(root)) {
    throw new CommandFailure(
      'verification_failed',
      `The entries are not those under the root of ${size} entries.`,
    );
  }
  return { size, findings: reader.findings(size), gaps: reader.gaps() };
}

/** Entries are the operator's: one that is none is an answer, not a failure of this program. */
function readEntry(reader: ReceiptReader, bytes: Uint8Array, index: number): void {
  try {
    reader.read(decodeEntry(bytes, index), index, bytes);
  } catch (cause) {
    if (!(cause instanceof Fault || cause instanceof TypeError)) throw cause;
    throw new CommandFailure(
      'verification_failed',
      `Entry ${index} of the log is not an entry: ${cause.message}.`,
    );
  }
}

class ReceiptReader {
  readonly #given: readonly GivenReceipt[];
  readonly #wanted: ReadonlySet<string>;
  readonly #numbers = new Map<string, Set<number>>();
  readonly #counts = new Map<string, number>();
  readonly #places = new Map<string, Place>();
  readonly #gaps = new Map<string, Gap>();
  readonly #decisions = new Map<number, Uint8Array>();
  readonly #decisionIndexes: ReadonlySet<number>;

  constructor(given: readonly GivenReceipt[]) {
    this.#given = given;
    const attempts = given.flatMap((each) => (each.kind === 'attempt' ? [each.receipt] : []));
    this.#wanted = new Set(attempts.map(({ decision, rank }) => keyOf(decision, rank)));
    for (const { service, number } of attempts) {
      this.#numbers.set(service, (this.#numbers.get(service) ?? new Set()).add(number));
    }
    this.#decisionIndexes = new Set(given.flatMap((each) => (each.kind === 'decision' ? [each.index] : [])));
  }

  read(entry: LogEntry, index: number, bytes: Uint8Array): void {
    if (this.#decisionIndexes.has(index)) this.#decisions.set(index, leafHash(bytes));
    switch (entry.kind) {
      case 'decision':
        if (entry.attempt !== undefined) {
          const { rank, service } = entry.attempt;
          this.#attempt(service.service, entry.certificate.id, rank, index);
        }
        return;
      case 'attempt':
        this.#attempt(entry.service.service, entry.decision, entry.rank, index);
        return;
      case 'outcome': {
        const gap = this.#gaps.get(keyOf(entry.decision, entry.rank));
        if (gap === undefined) return;
        this.#gaps.set(keyOf(entry.decision, entry.rank), { ...gap, outcome: entry.measured.result });
        return;
      }
      default:
    }
  }

  #attempt(service: string, decision: string, rank: number, index: number): void {
    const number = (this.#counts.get(service) ?? 0) + 1;
    this.#counts.set(service, number);
    const key = keyOf(decision, rank);
    if (this.#wanted.has(key)) this.#places.set(key, { number, index });
    const numbers = this.#numbers.get(service);
    if (numbers === undefined || numbers.has(number)) return;
    if (number < Math.min(...numbers) || number > Math.max(...numbers)) return;
    this.#gaps.set(key, { service, number, index, decision, rank });
  }

  gaps(): readonly Gap[] {
    return [...this.#gaps.values()];
  }

  findings(size: number): readonly ReceiptFinding[] {
    return this.#given.map((each) => {
      const { file } = each;
      if (each.kind === 'attempt') return { file, ...this.#attemptFinding(each.receipt, size) };
      const there = this.#decisions.get(each.index);
      const same = there !== undefined && Buffer.compare(there, each.leaf) === 0;
      const what = `decision ${each.decision} at index ${each.index}`;
      return same
        ? { file, result: 'found', says: what }
        : { file, result: 'omitted', says: `${what} is not in the log of ${size} entries` };
    });
  }

  #attemptFinding(receipt: Receipt, size: number): Pick<ReceiptFinding, 'result' | 'says'> {
    const { service, number, index, decision, rank } = receipt;
    const what = `attempt ${number} at ${service}, index ${index}, decision ${decision}`;
    const place = this.#places.get(keyOf(decision, rank));
    if (place === undefined || place.index !== index) {
      return { result: 'omitted', says: `${what} is not in the log of ${size} entries` };
    }
    if (place.number === number) return { result: 'found', says: what };
    const says = `${what} is number ${place.number} in the log: attempts before it were left out or put in`;
    return { result: 'renumbered', says };
  }
}
