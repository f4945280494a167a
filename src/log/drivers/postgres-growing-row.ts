import pg from 'pg';
import type { PostgresAddress } from './postgres-address.js';
import { connectionOptions, storageFault } from './postgres-connection.js';
import { folderOf } from './storage-key.js';

/** A row of the index beside the log, whose value only grows (by bytes): for what instances tell each other, and no commit waits for. */
export interface GrowingRow {
  read(): Promise<string | undefined>;
  /** Writes the value unless a greater one is there. */
  raise(value: string): Promise<void>;
  close(): Promise<void>;
}

const timeoutMillis = 5_000;

/** Connects when it is first used; the tables are there by then. Both calls reject with Fault `storage_failed`. */
export function postgresGrowingRow(address: PostgresAddress, key: string): GrowingRow {
  const pool = new pg.Pool({ ...connectionOptions(address, timeoutMillis), max: 1, allowExitOnIdle: true });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const table = `${address.schema}.index_row`;
  const folder = folderOf(key);
  const place = [folder, key.slice(folder.length)];
  return {
    read: async () => {
      try {
        const text = `SELECT value FROM ${table} WHERE folder = $1 AND name = $2`;
        const { rows } = await pool.query({ name: 'read', text, values: place });
        return (rows[0]?.value as Buffer | undefined)?.toString();
      } catch (cause) {
        throw storageFault(address, 'could not be read', cause);
      }
    },
    raise: async (value) => {
      try {
        const text = `INSERT INTO ${table} AS i (folder, name, value) VALUES ($1, $2, $3)
ON CONFLICT (folder, name) DO UPDATE SET value = excluded.value WHERE i.value < excluded.value`;
        await pool.query({ name: 'raise', text, values: [...place, Buffer.from(value)] });
      } catch (cause) {
        throw storageFault(address, 'could not be written', cause);
      }
    },
    close: () => pool.end(),
  };
}
