import { entryKinds, indexDigits, indexFolder } from '../../log/index-rows.js';
import type { Log } from '../../log/log.js';

export interface KindCounts {
  readonly kinds: { readonly [kind: string]: number };
  readonly attempts: {
    readonly recorded: number;
    readonly with_outcome: number;
    /** Each counts as disclosed. */
    readonly without_outcome: number;
  };
}

const pageRows = 4096;

/**
 * Counts the entries of each kind below a size, from the rows of the projection. The first call reads one row an entry, every later one only the rows of what
 * was appended since.
 */
export function kindCounts<Snapshot>({
  storage,
}: Pick<Log<Snapshot>, 'storage'>): (size: number) => Promise<KindCounts> {
  const counted = new Map<string, { count: number; last: string | undefined }>();
  let turn: Promise<unknown> = Promise.resolve();

  /** `before`: rows from there on are not counted yet. */
  async function countOf(folder: string, before: string): Promise<number> {
    const known = counted.get(folder) ?? { count: 0, last: undefined };
    counted.set(folder, known);
    for (;;) {
      const { last } = known;
      const rows = await storage.scanIndex({
        folder,
        before,
        limit: pageRows,
        ...(last === undefined ? {} : { after: last }),
      });
      known.count += rows.length;
      known.last = rows.at(-1)?.key ?? last;
      if (rows.length < pageRows) return known.count;
    }
  }

  async function countAll(size: number): Promise<KindCounts> {
    const kinds: { [kind: string]: number } = {};
    for (const kind of entryKinds) {
      const folder = indexFolder.kind(kind);
      const count = await countOf(folder, `${folder}${indexDigits(size)}`);
      if (count > 0) kinds[kind] = count;
    }
    const riding = indexFolder.riding;
    const recorded = (kinds.attempt ?? 0) + (await countOf(riding, `${riding}${indexDigits(size)}`));
    const ended = kinds.outcome ?? 0;
    return { kinds, attempts: { recorded, with_outcome: ended, without_outcome: recorded - ended } };
  }

  // One after the other: two at once would count the same rows twice.
  return (size) => {
    const next = turn.then(() => countAll(size));
    turn = next.catch(() => undefined);
    return next;
  };
}
