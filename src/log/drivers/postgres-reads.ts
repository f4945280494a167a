import type { Condition, Head, IndexRange, IndexRow } from '../port.js';
import { membersOf, numbered, rangesOf } from './postgres-pack.js';
import type { Statements } from './postgres-statements.js';
import { folderOf, isDroppable } from './storage-key.js';

export type Row = { readonly [column: string]: unknown };

/** Runs a statement of a log: on any connection, or in a transaction. */
export type Run = (name: keyof Statements, values: readonly unknown[]) => Promise<readonly Row[]>;

/** `undefined`: no head yet. */
export async function readHeadBy(run: Run): Promise<Head | undefined> {
  return headIn(await run('readHead', []));
}

/** Of the rows of the table `head`, which has one. */
export function headIn([row]: readonly Row[]): Head | undefined {
  if (row === undefined) throw new Error('its table head is empty');
  return row.size === null ? undefined : { size: Number(row.size), root: row.root as Head['root'] };
}

/** Which keys are in the tables of what may be dropped; in those of version 2 none are. */
export type Apart = (key: string) => boolean;

/** The blobs of these keys, in their order. A key that is asked for twice is answered twice, each time with bytes of its own. */
export async function readBlobsBy(
  run: Run,
  keys: readonly string[],
  apart: Apart = isDroppable,
): Promise<readonly (Uint8Array | undefined)[]> {
  if (keys.length === 0) return [];
  const lasting = keys.filter((key) => !apart(key));
  const found = new Map(lasting.length === 0 ? [] : await blobsBy(run, lasting));
  if (lasting.length < keys.length) {
    const rows = await run('readDroppable', [keys.filter(apart)]);
    for (const { key, bytes } of rows) found.set(key as string, Uint8Array.from(bytes as Buffer));
  }
  const given = new Set<string>();
  return keys.map((key) => {
    const bytes = found.get(key);
    if (!given.has(key)) {
      given.add(key);
      return bytes;
    }
    return bytes?.slice();
  });
}

/** Those of the blobs that are there. */
export async function blobsBy(run: Run, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const ranges = rangesOf(keys);
  const rows = await run('readPacks', [
    ranges.map(({ name }) => name),
    ranges.map(({ low }) => low),
    ranges.map(({ high }) => high),
  ]);
  const members = new Map<string, Uint8Array>();
  for (const { name, first, ends, bytes, start } of rows) {
    for (const [i, member] of membersOf(ends as Buffer, bytes as Buffer, Number(start)).entries()) {
      members.set(`${Number(first) + i} ${name}`, member);
    }
  }
  const found = new Map<string, Uint8Array>();
  for (const key of keys) {
    const { name, number } = numbered(key);
    const member = members.get(`${number} ${name}`);
    if (member !== undefined) found.set(key, member);
  }
  return found;
}

export async function readIndexBy(
  run: Run,
  key: string,
  apart: Apart = isDroppable,
): Promise<string | undefined> {
  const folder = folderOf(key);
  const [row] = await run(apart(key) ? 'readDroppableRow' : 'readIndex', [folder, key.slice(folder.length)]);
  return row === undefined ? undefined : (row.value as Buffer).toString();
}

export async function scanIndexBy(
  run: Run,
  { folder, after, before, reverse, limit }: IndexRange,
  apart: Apart = isDroppable,
): Promise<readonly IndexRow[]> {
  const bounds = boundsIn(folder, after, before);
  if (bounds === undefined || limit <= 0) return [];
  const scan = apart(folder) ? 'scanDroppableRows' : 'scan';
  const rows = await run(reverse === true ? (`${scan}Reverse` as const) : scan, [folder, ...bounds, limit]);
  return rows.map(({ name, value }) => ({ key: `${folder}${name}`, value: (value as Buffer).toString() }));
}

/** Whether a row is as a commit wants it. */
export async function holdsBy(run: Run, condition: Condition | undefined): Promise<boolean> {
  return condition === undefined || (await readIndexBy(run, condition.key)) === condition.value;
}

export async function scanDroppableBy(run: Run, after: string, limit: number): Promise<readonly string[]> {
  const rows = await run('scanDroppable', [after, Math.max(0, limit)]);
  return rows.map(({ key }) => key as string);
}

/** Names from the first on and before the second; `undefined` when the bounds leave nothing. Keys are of the characters 20 to 7e. */
function boundsIn(
  folder: string,
  after: string | undefined,
  before: string | undefined,
): readonly [string, string] | undefined {
  // A bound outside of the folder stands before or behind all of its rows.
  if (after !== undefined && !after.startsWith(folder) && after > folder) return undefined;
  if (before !== undefined && !before.startsWith(folder) && before < folder) return undefined;
  const from = after?.startsWith(folder) === true ? `${after.slice(folder.length)}\x01` : '';
  const until = before?.startsWith(folder) === true ? before.slice(folder.length) : '\x7f';
  return from < until ? [from, until] : undefined;
}
