import pg from 'pg';
import type { PostgresAddress } from './postgres-address.js';
import { connectionOptions, storageFault } from './postgres-connection.js';
import { newerSchema, newestSchema, schemaVersion } from './postgres-schema.js';
import { oldestServer, readServer, serverFault } from './postgres-server.js';

/** What somebody who looks at an installation wants to know of its database. Nothing is written to find it out. */
export interface PostgresInspection {
  /** As the server says it, such as `15.18`. */
  readonly server: string;
  /** What is wrong, in words that go on "the log in database … "; empty when nothing is. */
  readonly wrong: readonly string[];
  /** Entries in the log; `undefined` when its tables are not made yet. */
  readonly entries: number | undefined;
}

const inspectMillis = 5_000;

/** Looks at the database of a log; `vault`: it is to hold the openings as well. Rejects with Fault `storage_failed` when it cannot be reached. */
export async function inspectPostgres(
  address: PostgresAddress,
  { vault }: { readonly vault: boolean },
): Promise<PostgresInspection> {
  const client = new pg.Client(connectionOptions(address, inspectMillis));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const server = await readServer(client);
    const version = await schemaVersion(client, address.schema);
    const wrong: string[] = [
      ...(server.version < oldestServer ? [serverFault.old] : []),
      ...(server.standby ? [serverFault.standby] : []),
      ...(server.durable ? [] : [serverFault.volatile]),
      ...(version > newestSchema ? [newerSchema(version)] : []),
    ];
    if (version === 0) {
      const { rows } = await client.query(
        "SELECT has_database_privilege(current_database(), 'CREATE') AS may",
      );
      if (!rows[0].may) wrong.push('has no tables yet, and this role may not make them');
      return { server: server.name, wrong, entries: undefined };
    }
    const head = await client.query(`SELECT coalesce(size, 0) AS size FROM ${address.schema}.head`);
    wrong.push(...(await lackingRights(client, address, version, vault)));
    return { server: server.name, wrong, entries: Number(head.rows[0].size) };
  } catch (cause) {
    throw storageFault(address, 'could not be looked at', cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function lackingRights(
  client: pg.Client,
  { schema }: PostgresAddress,
  version: number,
  vault: boolean,
): Promise<readonly string[]> {
  const changed = [
    ...(vault && version > 1 ? [['vault_row', 'bytes'] as const, ['vault_key', 'bytes'] as const] : []),
    ...(version > 2 ? [['snapshot_blob', undefined] as const, ['snapshot_row', 'value'] as const] : []),
  ];
  const changes = changed.map(
    ([table, column]) => `
   AND has_table_privilege('${schema}.${table}', 'SELECT') AND has_table_privilege('${schema}.${table}', 'INSERT')
   AND has_table_privilege('${schema}.${table}', 'DELETE')${
     column === undefined ? '' : ` AND has_column_privilege('${schema}.${table}', '${column}', 'UPDATE')`
   }`,
  );
  const { rows } = await client.query(`
SELECT has_table_privilege('${schema}.blob_pack', 'INSERT') AND has_table_privilege('${schema}.index_row', 'INSERT')
   AND has_column_privilege('${schema}.index_row', 'value', 'UPDATE')
   AND has_column_privilege('${schema}.head', 'size', 'UPDATE') AND has_column_privilege('${schema}.head', 'root', 'UPDATE')${changes.join('')} AS all`);
  return rows[0].all
    ? []
    : ['cannot be written to by this role: see "Minimal rights" in docs/operations/postgres.md'];
}
