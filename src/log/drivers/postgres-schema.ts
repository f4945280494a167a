import type pg from 'pg';

/** One step from a schema to the next. Steps are only ever added. */
interface Migration {
  readonly version: number;
  readonly what: string;
  readonly sql: (schema: string) => string;
}

const migrations: readonly Migration[] = [
  {
    version: 1,
    what: 'head, blobs and index of one log',
    // Bytes are not compressed, so that a part of a row can be read without the rest of it. Byte order of keys is what the port promises.
    sql: (schema) => `
CREATE TABLE ${schema}.head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  size bigint,
  root text COLLATE "C"
);
INSERT INTO ${schema}.head (size, root) VALUES (NULL, NULL);
CREATE TABLE ${schema}.blob_pack (
  name text COLLATE "C" NOT NULL,
  first bigint NOT NULL,
  members int NOT NULL CHECK (members > 0),
  ends bytea NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (name, first)
);
ALTER TABLE ${schema}.blob_pack ALTER COLUMN bytes SET STORAGE EXTERNAL, ALTER COLUMN ends SET STORAGE EXTERNAL;
CREATE TABLE ${schema}.index_row (
  folder text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (folder, name)
);`,
  },
  {
    version: 2,
    what: 'rows and keys of the vault of openings',
    // Keys have a table of their own, small enough to be vacuumed each time that some are destroyed; nor does it wait to be told to.
    sql: (schema) => `
CREATE TABLE ${schema}.vault_row (
  name text COLLATE "C" PRIMARY KEY,
  bytes bytea NOT NULL
);
CREATE TABLE ${schema}.vault_key (
  name text COLLATE "C" PRIMARY KEY,
  bytes bytea NOT NULL CHECK (length(bytes) = 64)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);`,
  },
  {
    version: 3,
    what: 'state snapshots in tables of their own, where they can be dropped',
    // Tables that do not grow with the log: autovacuum, which waits for a share of a table to be dead, comes after every few snapshots, and
    // the right to delete from them is none to delete an entry. Snapshots from before are dropped: no start of this program would go on from
    // those of an older one.
    sql: (schema) => `
CREATE TABLE ${schema}.snapshot_blob (
  key text COLLATE "C" PRIMARY KEY,
  bytes bytea NOT NULL
);
CREATE TABLE ${schema}.snapshot_row (
  folder text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (folder, name)
);
DELETE FROM ${schema}.blob_pack WHERE name >= 'snapshot/' AND name < 'snapshot0';
DELETE FROM ${schema}.index_row WHERE folder >= 'snapshot/' AND folder < 'snapshot0';`,
  },
];

export const newestSchema = migrations.length;

/** In words that go on "the log in database … ". */
export const newerSchema = (version: number): string =>
  `has schema version ${version}, and this program knows ${newestSchema}: a newer one made it`;

/** Version of the schema that is there, 0 when there is none. */
export async function schemaVersion(client: pg.ClientBase | pg.Pool, schema: string): Promise<number> {
  // Read from the catalog's tables: to_regclass answers from a cache that may be older than the lock of `migrate`.
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = $1 AND c.relname = 'migration') AS made`,
    [schema],
  );
  if (rows[0].made !== true) return 0;
  const applied = await client.query(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migration`);
  return Number(applied.rows[0].version);
}

/**
 * Brings the schema up to date, in one transaction and one process at a time. Nothing is written where it is up to date, so a role that
 * may not create tables can be used from then on. Gives the version that is there afterwards: a newer one than `newestSchema` is left alone.
 */
export async function migrate(client: pg.ClientBase, schema: string): Promise<number> {
  const found = await schemaVersion(client, schema);
  if (found >= newestSchema) return found;
  await client.query('BEGIN');
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('caio log ' || $1))", [schema]);
    // Somebody may have done it while the lock was waited for.
    const version = await schemaVersion(client, schema);
    if (version === 0) await client.query(foundation(schema));
    for (const migration of migrations.slice(version)) {
      await client.query(migration.sql(schema));
      await client.query(`INSERT INTO ${schema}.migration (version, what) VALUES ($1, $2)`, [
        migration.version,
        migration.what,
      ]);
    }
    await client.query('COMMIT');
    return Math.max(version, newestSchema);
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}

const foundation = (schema: string): string => `
CREATE SCHEMA IF NOT EXISTS ${schema};
CREATE TABLE ${schema}.migration (
  version int PRIMARY KEY,
  what text NOT NULL,
  applied timestamptz NOT NULL DEFAULT now()
);`;
