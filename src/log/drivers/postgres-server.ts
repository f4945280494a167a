import type pg from 'pg';

/** What a server is, as far as a log in it depends on that. */
export interface PostgresServer {
  /** For people, such as `15.18`. */
  readonly name: string;
  /** For comparing, such as 150018. */
  readonly version: number;
  readonly standby: boolean;
  /** Whether what it says it has committed survives a power failure, as far as its settings go. */
  readonly durable: boolean;
}

export const oldestServer = 130_000;

/** What is wrong with a server, in words that go on "the log in database … ". */
export const serverFault = {
  old: 'is on a server older than PostgreSQL 13',
  standby: 'is in a standby, which cannot be written to',
  volatile: 'is on a server with fsync or full_page_writes off: a crash would lose what was acknowledged',
} as const;

export async function readServer(client: pg.Pool | pg.Client): Promise<PostgresServer> {
  const { rows } = await client.query(`
SELECT current_setting('server_version') AS name, current_setting('server_version_num')::int AS version,
       pg_is_in_recovery() AS standby,
       current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS durable`);
  return rows[0];
}
