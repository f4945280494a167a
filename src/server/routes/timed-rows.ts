import { err, ok, type Result } from '../../kernel/result.js';
import { indexDigits } from '../../log/index-rows.js';
import type { IndexRow, StoragePort } from '../../log/port.js';
import type { Failure } from '../http/failure.js';
import { pageLimit } from './page.js';
import { timeIn, wrongQuery } from './query.js';

export interface TimedPage {
  readonly rows: readonly IndexRow[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  readonly next?: string;
}

/**
 * The rows of a folder whose keys end in `<time>.<index>`, the latest first: those with `from` ≤ time < `to`, behind `cursor`, at most `limit`. A cursor is a
 * place, not a count: what comes to be in front of it moves nothing. Costs one scan of `limit` rows, wherever it begins.
 */
export async function timedPage(
  storage: StoragePort,
  folder: string,
  query: { readonly [name: string]: string },
): Promise<Result<TimedPage, Failure>> {
  const limit = pageLimit(query, 1000);
  if (!limit.ok) return limit;
  const [from, to] = [timeIn(query, 'from'), timeIn(query, 'to')];
  if (!from.ok) return from;
  if (!to.ok) return to;
  const { cursor } = query;
  if (cursor !== undefined && !/^[0-9]{16}\.[0-9]{16}$/.test(cursor)) {
    return err(wrongQuery('cursor', 'the cursor is not one that was given here'));
  }
  const end = earlierOf(cursor, to.value === undefined ? undefined : indexDigits(to.value));
  const rows = await storage.scanIndex({
    folder,
    limit: limit.value,
    reverse: true,
    // `<time>` stands before every `<time>.<index>`: so the lower bound is within, the upper without.
    ...(from.value === undefined ? {} : { after: `${folder}${indexDigits(from.value)}` }),
    ...(end === undefined ? {} : { before: `${folder}${end}` }),
  });
  const last = rows.at(-1);
  const more = last !== undefined && rows.length === limit.value;
  return ok(more ? { rows, next: last.key.slice(folder.length) } : { rows });
}

function earlierOf(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}
