import pg from 'pg';
import { Fault } from '../../kernel/errors.js';
import { type PostgresAddress, placeOf } from './postgres-address.js';
import { connectionOptions, storageFault } from './postgres-connection.js';
import { migrate, newerSchema, newestSchema } from './postgres-schema.js';
import { oldestServer, readServer, serverFault } from './postgres-server.js';

export interface PoolOptions {
  /** For each call, connecting included. Default 10 s. */
  readonly timeoutMillis?: number;
  /** Takes a server that does not sync its disk. `durability` is then `process`. For tests. */
  readonly allowVolatile?: boolean;
}

export interface OpenedPool {
  readonly pool: pg.Pool;
  /** What its connections are made with. */
  readonly connection: pg.ClientConfig;
  readonly durability: 'process' | 'disk';
}

/**
 * Up to `size` connections to the database of a log, once its server was found fit and its tables are up to date. Rejects with Fault
 * `storage_failed`.
 */
export async function openPool(
  address: PostgresAddress,
  size: number,
  { timeoutMillis = 10_000, allowVolatile = false }: PoolOptions,
): Promise<OpenedPool> {
  const connection = connectionOptions(address, timeoutMillis);
  const pool = new pg.Pool({ ...connection, max: size, allowExitOnIdle: true });
  // A connection that breaks while nobody uses it is nobody's failure: the pool drops it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const durability = await checkServer(pool, address, allowVolatile);
    await checkSchema(pool, address);
    return { pool, connection, durability };
  } catch (cause) {
    await pool.end();
    throw storageFault(address, 'could not be opened', cause);
  }
}

async function checkServer(
  pool: pg.Pool,
  address: PostgresAddress,
  allowVolatile: boolean,
): Promise<'process' | 'disk'> {
  const { version, standby, durable } = await readServer(pool);
  if (version < oldestServer) throw refusal(address, serverFault.old);
  if (standby) throw refusal(address, serverFault.standby);
  if (durable) return 'disk';
  if (allowVolatile) return 'process';
  throw refusal(address, serverFault.volatile);
}

async function checkSchema(pool: pg.Pool, address: PostgresAddress): Promise<void> {
  const client = await pool.connect();
  try {
    const version = await migrate(client, address.schema);
    client.release();
    if (version > newestSchema) {
      throw refusal(address, newerSchema(version));
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) client.release(true);
    throw cause;
  }
}

/** `what`: in words that go on "The log in database … ". */
export function refusal(address: PostgresAddress, what: string): Fault {
  const place = placeOf(address);
  return new Fault('storage_failed', `The log in ${place} ${what}.`, { retryable: false, subject: place });
}
