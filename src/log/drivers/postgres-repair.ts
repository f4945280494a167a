import pg from 'pg';
import type { Rewrite } from '../fsck/finding.js';
import type { Blob, Condition, Head } from '../port.js';
import type { StoreRepair } from '../store-reading.js';
import type { PostgresAddress } from './postgres-address.js';
import { connectionOptions, storageFault } from './postgres-connection.js';
import { endsOf, membersOf, numbered, packsOf } from './postgres-pack.js';
import { refusal } from './postgres-pool.js';
import { headIn, holdsBy, type Run } from './postgres-reads.js';
import { newerSchema, newestSchema, schemaVersion } from './postgres-schema.js';
import { durable, statementsOf } from './postgres-statements.js';
import { sameHead } from './same-head.js';
import { folderOf, isDroppable, refuseEntries } from './storage-key.js';

const timeoutMillis = 60_000;
const rowsAtOnce = 4096;

/**
 * Connects to the log in a database to write over what is derived. It takes the row of the head, as every commit does, and goes on only where the
 * head is the one that was checked: so no instance commits meanwhile, and none has since. Rejects with Fault `storage_failed`.
 */
export async function postgresRepair(address: PostgresAddress): Promise<StoreRepair> {
  const client = new pg.Client(connectionOptions(address, timeoutMillis));
  client.on('error', () => undefined);
  const close = () => client.end().catch(() => undefined);
  try {
    await client.connect();
    const version = await schemaVersion(client, address.schema);
    if (version > newestSchema) throw refusal(address, newerSchema(version));
    return {
      rewrite: (checked, rewrites, onlyIf) => rewriteIn(client, address, version, checked, rewrites, onlyIf),
      close,
    };
  } catch (cause) {
    await close();
    throw storageFault(address, 'could not be opened', cause);
  }
}

async function rewriteIn(
  client: pg.Client,
  address: PostgresAddress,
  version: number,
  checked: Head | undefined,
  rewrites: readonly Rewrite[],
  onlyIf: Condition | undefined,
): Promise<'written' | 'conflict'> {
  refuseEntries(rewrites);
  const { schema } = address;
  try {
    await client.query(`BEGIN; SELECT ${durable}`);
    const { rows } = await client.query(statementsOf(schema).lockHead);
    const statements = statementsOf(schema);
    const run: Run = async (name, values) => (await client.query(statements[name], [...values])).rows;
    if (!sameHead(headIn(rows), checked) || !(await holdsBy(run, onlyIf))) {
      await client.query('ROLLBACK');
      return 'conflict';
    }
    const apart = version < 3 ? () => false : isDroppable;
    const lasting = rewrites.filter(({ key }) => !apart(key));
    await writeRows(client, schema, lasting);
    await writeBlobs(client, schema, lasting.flatMap(asBlob));
    if (version > 2)
      await dropParts(
        run,
        rewrites.filter(({ key }) => apart(key)),
      );
    await client.query('COMMIT');
    return 'written';
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    if ((cause as { readonly code?: unknown }).code === '42501')
      throw refusal(address, 'may not be repaired by this role: connect as the one that owns its tables');
    throw storageFault(address, 'could not be written', cause);
  }
}

const asBlob = (each: Rewrite): readonly Blob[] =>
  each.kind === 'blob' && each.bytes !== undefined ? [{ key: each.key, bytes: each.bytes }] : [];

/** Below `snapshot/` nothing is written anew: it is there, or it is not. */
async function dropParts(run: Run, rewrites: readonly Rewrite[]): Promise<void> {
  const rows = rewrites.filter(({ kind }) => kind === 'row').map(({ key }) => key);
  const names = rows.map((key) => key.slice(folderOf(key).length));
  await run('dropRows', [rows.map(folderOf), names]);
  await run('dropBlobs', [rewrites.filter(({ kind }) => kind === 'blob').map(({ key }) => key)]);
}

async function writeRows(client: pg.Client, schema: string, rewrites: readonly Rewrite[]): Promise<void> {
  const rows = rewrites.filter((each) => each.kind === 'row');
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce).map(({ key, value }) => {
      const folder = folderOf(key);
      return { folder, name: key.slice(folder.length), value };
    });
    const columns = (of: typeof some) => [of.map(({ folder }) => folder), of.map(({ name }) => name)];
    const [kept, gone] = [
      some.filter(({ value }) => value !== undefined),
      some.filter(({ value }) => value === undefined),
    ];
    await client.query(
      `INSERT INTO ${schema}.index_row (folder, name, value) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
ON CONFLICT (folder, name) DO UPDATE SET value = excluded.value`,
      [...columns(kept), kept.map(({ value }) => Buffer.from(value as string))],
    );
    await client.query(
      `DELETE FROM ${schema}.index_row i USING unnest($1::text[], $2::text[]) AS g (folder, name)
WHERE i.folder = g.folder AND i.name = g.name`,
      columns(gone),
    );
  }
}

/** Into the rows of blobs that cover them; where none does, into rows of their own. */
async function writeBlobs(client: pg.Client, schema: string, blobs: readonly Blob[]): Promise<void> {
  const missing: Blob[] = [];
  for (const blob of blobs) {
    const { name, number } = numbered(blob.key);
    const { rows } = await client.query(
      `SELECT first, ends, bytes FROM ${schema}.blob_pack
WHERE name = $1 AND first <= $2 AND first + members > $2 ORDER BY first DESC LIMIT 1`,
      [name, number],
    );
    const [row] = rows;
    if (row === undefined) missing.push(blob);
    else {
      const members = [...membersOf(row.ends, row.bytes, 0)];
      members[number - Number(row.first)] = blob.bytes;
      await client.query(
        `UPDATE ${schema}.blob_pack SET ends = $3, bytes = $4 WHERE name = $1 AND first = $2`,
        [name, row.first, endsOf(members), Buffer.concat(members)],
      );
    }
  }
  for (const { name, first, members } of packsOf(missing)) {
    await client.query(
      `INSERT INTO ${schema}.blob_pack (name, first, members, ends, bytes) VALUES ($1, $2, $3, $4, $5)`,
      [name, first, members.length, endsOf(members), Buffer.concat(members)],
    );
  }
}
