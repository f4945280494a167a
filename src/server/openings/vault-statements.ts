/** The SQL of a vault in the schema of its log, whose name is a plain lower-case word. */
export interface VaultStatements {
  /** Begins a transaction that waits for all others of the vault and keeps them waiting. */
  readonly alone: string;
  /** Begins one that runs beside others of its kind. */
  readonly together: string;
  /** Begins a turn, of which there is one at a time. */
  readonly turn: string;
  readonly putRows: string;
  readonly deleteRows: string;
  /** Puts keys, also in the place of others. */
  readonly putKeys: string;
  /** Puts keys where there is none of the name. */
  readonly addKeys: string;
  readonly destroyKeys: string;
  /** $1, $2 names and bytes of keys that have to be there; $3 names of rows that have to be there, $4 of those that must not be. */
  readonly holds: string;
  readonly vacuumKeys: string;
  readonly readRow: string;
  readonly readKey: string;
  readonly scanRows: string;
  readonly scanKeys: string;
}

export function vaultStatementsOf(schema: string): VaultStatements {
  const [rows, keys] = [`${schema}.vault_row`, `${schema}.vault_key`];
  const given = 'SELECT * FROM unnest($1::text[], $2::bytea[]) AS given (name, bytes) ORDER BY name';
  const lock = (what: string, kind: '' | '_shared') =>
    `SELECT pg_advisory_xact_lock${kind}(hashtextextended('caio vault ${what} ${schema}', 0))`;
  const range = 'WHERE name >= $1 AND name < $2 AND name > $3 ORDER BY name LIMIT $4';
  return {
    alone: `BEGIN; ${durable}; ${lock('commit', '')}`,
    together: `BEGIN; ${durable}; ${lock('commit', '_shared')}`,
    // It is idle for as long as an erasure takes, which no timeout knows.
    turn: `BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; ${lock('turn', '')}`,
    putRows: `INSERT INTO ${rows} (name, bytes) ${given} ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes`,
    deleteRows: `DELETE FROM ${rows} WHERE name = ANY ($1::text[])`,
    putKeys: `INSERT INTO ${keys} (name, bytes) ${given} ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes`,
    addKeys: `INSERT INTO ${keys} (name, bytes) ${given} ON CONFLICT (name) DO NOTHING`,
    destroyKeys: `DELETE FROM ${keys} WHERE name = ANY ($1::text[])`,
    holds: `
SELECT NOT EXISTS (SELECT FROM unnest($1::text[], $2::bytea[]) AS given (name, bytes)
                   WHERE NOT EXISTS (SELECT FROM ${keys} k WHERE k.name = given.name AND k.bytes = given.bytes))
   AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS given (name)
                   WHERE NOT EXISTS (SELECT FROM ${rows} r WHERE r.name = given.name))
   AND NOT EXISTS (SELECT FROM ${rows} WHERE name = ANY ($4::text[])) AS holds`,
    vacuumKeys: `VACUUM (SKIP_LOCKED) ${keys}`,
    readRow: `SELECT name, bytes FROM ${rows} WHERE name = $1`,
    readKey: `SELECT name, bytes FROM ${keys} WHERE name = $1`,
    scanRows: `SELECT name, bytes FROM ${rows} ${range}`,
    scanKeys: `SELECT name FROM ${keys} ${range}`,
  };
}

/** For this transaction, whatever the role or the database says; more than \`on\` is left as it is. */
const durable =
  "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";
