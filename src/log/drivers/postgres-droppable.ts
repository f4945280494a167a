import type { Batch, Blob, IndexRow } from '../port.js';
import { folderOf, isDroppable, rewrites } from './storage-key.js';

/**
 * What may be dropped is in tables of its own: the rights to delete from them are none to delete an entry, and they are small enough to be
 * vacuumed often. Statements for a transaction that holds the row of the head; each of them then sees all that was committed before.
 */
export interface DroppableStatements {
  readonly readDroppable: string;
  readonly scanDroppable: string;
  readonly readDroppableRow: string;
  readonly putDroppable: string;
  readonly putDroppableRows: string;
  readonly dropBlobs: string;
  readonly dropRows: string;
}

export function droppableStatementsOf(schema: string): DroppableStatements {
  const rows = 'unnest($1::text[], $2::text[]';
  return {
    readDroppable: `SELECT key, bytes FROM ${schema}.snapshot_blob WHERE key = ANY ($1::text[])`,
    scanDroppable: `SELECT key FROM ${schema}.snapshot_blob WHERE key > $1 ORDER BY key LIMIT $2`,
    readDroppableRow: `SELECT value FROM ${schema}.snapshot_row WHERE folder = $1 AND name = $2`,
    putDroppable: `
INSERT INTO ${schema}.snapshot_blob (key, bytes)
SELECT g.key, g.bytes FROM unnest($1::text[], $2::bytea[]) AS g (key, bytes)`,
    putDroppableRows: `
INSERT INTO ${schema}.snapshot_row (folder, name, value)
SELECT g.folder, g.name, g.value FROM ${rows}, $3::bytea[]) AS g (folder, name, value)
ON CONFLICT (folder, name) DO UPDATE SET value = excluded.value`,
    dropBlobs: `DELETE FROM ${schema}.snapshot_blob WHERE key = ANY ($1::text[])`,
    dropRows: `
DELETE FROM ${schema}.snapshot_row r USING ${rows}) AS g (folder, name)
WHERE r.folder = g.folder AND r.name = g.name`,
  };
}

/** Whether a commit needs the row of the head before it begins: it looks at what commits that leave the head as it is may change. */
export function needsHead({ blobs, index, drop, onlyIf }: Batch): boolean {
  return (
    drop !== undefined || onlyIf !== undefined || [...blobs, ...index].some(({ key }) => isDroppable(key))
  );
}

/** The batch but for what is below `snapshot/`. */
export function lastingOf(batch: Batch): Batch {
  const lasts = ({ key }: { readonly key: string }) => !isDroppable(key);
  return { head: batch.head, blobs: batch.blobs.filter(lasts), index: batch.index.filter(lasts) };
}

/** Writes and drops what of a batch is below `snapshot/`, in the transaction of `run`. A blob that is there with other bytes is a Defect. */
export async function writeDroppable(
  run: (
    name: keyof DroppableStatements,
    values: readonly unknown[],
  ) => Promise<readonly { readonly [column: string]: unknown }[]>,
  { blobs, index, drop }: Batch,
): Promise<void> {
  const given = once(blobs.filter(({ key }) => isDroppable(key)));
  if (given.size > 0) {
    for (const row of await run('readDroppable', [[...given.keys()]])) {
      const key = row.key as string;
      if (Buffer.compare(row.bytes as Buffer, given.get(key) as Uint8Array) !== 0) throw rewrites(key);
      given.delete(key);
    }
  }
  if (given.size > 0) await run('putDroppable', [[...given.keys()], [...given.values()].map(bufferOf)]);
  const rows = rowColumns(index.filter(({ key }) => isDroppable(key)));
  if (rows.names.length > 0) await run('putDroppableRows', [rows.folders, rows.names, rows.values]);
  if (drop === undefined) return;
  if (drop.blobs.length > 0) await run('dropBlobs', [[...drop.blobs]]);
  const dropped = rowColumns(drop.rows.map((key) => ({ key, value: '' })));
  if (drop.rows.length > 0) await run('dropRows', [dropped.folders, dropped.names]);
}

function once(blobs: readonly Blob[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const { key, bytes } of blobs) {
    const other = found.get(key);
    if (other !== undefined && Buffer.compare(other, bytes) !== 0) throw rewrites(key);
    found.set(key, bytes);
  }
  return found;
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Index rows as columns. Of rows of one key the last counts: one statement writes a row once. */
export function rowColumns(index: readonly IndexRow[]): {
  readonly folders: readonly string[];
  readonly names: readonly string[];
  readonly values: readonly Buffer[];
} {
  const rows = [...new Map(index.map(({ key, value }) => [key, value]))];
  return {
    folders: rows.map(([key]) => folderOf(key)),
    names: rows.map(([key]) => key.slice(folderOf(key).length)),
    values: rows.map(([, value]) => Buffer.from(value)),
  };
}
