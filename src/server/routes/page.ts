import { compareCodePoints } from '../../kernel/merkle.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { type Failure, invalid } from '../http/failure.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it as `after` to get the next page; absent on the last. */
  readonly next?: string;
}

/** The items behind `?after=`, at most `?limit=` of them. Items are sorted by key. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  query: { readonly [name: string]: string },
  most: number,
): Result<Page<T>, Failure> {
  const limit = pageLimit(query, most);
  if (!limit.ok) return limit;
  const { after } = query;
  const start =
    after === undefined ? 0 : items.findIndex((item) => compareCodePoints(keyOf(item), after) > 0);
  const chosen = start === -1 ? [] : items.slice(start, start + limit.value);
  const last = chosen.at(-1);
  const more = start !== -1 && start + chosen.length < items.length;
  return ok(more && last !== undefined ? { items: chosen, next: keyOf(last) } : { items: chosen });
}

export function pageLimit(query: { readonly [name: string]: string }, most: number): Result<number, Failure> {
  const text = query.limit ?? String(Math.min(most, 100));
  const limit = /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return ok(limit);
  const message = `limit is an integer from 1 to ${most}`;
  return err(invalid('invalid_request', [{ code: 'query_invalid', path: '/limit', message }]));
}
