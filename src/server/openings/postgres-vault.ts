import type pg from 'pg';
import { Fault } from '../../kernel/errors.js';
import type { PostgresAddress } from '../../log/drivers/postgres-address.js';
import { storageFault } from '../../log/drivers/postgres-connection.js';
import { openPool, type PoolOptions } from '../../log/drivers/postgres-pool.js';
import type {
  SharedVault,
  VaultChange,
  VaultCondition,
  VaultRange,
  VaultRow,
  VaultStore,
} from './vault-port.js';
import { type VaultStatements, vaultStatementsOf } from './vault-statements.js';

const poolSize = 5;

/**
 * The vault in the database of its log, which several instances may have open at once. Destroyed keys are deleted and their table is vacuumed;
 * the server's own log and what it does not yet write over may still hold them wrapped (ADR-0014). Rejects with Fault `vault_failed`, when it
 * is opened with `storage_failed`.
 */
export async function postgresVault(
  address: PostgresAddress,
  options: PoolOptions = {},
): Promise<VaultStore & { readonly shared: SharedVault }> {
  const { pool, durability } = await openPool(address, poolSize, options);
  return new PostgresVault(address, pool, durability);
}

class PostgresVault implements VaultStore {
  readonly durability: VaultStore['durability'];
  readonly shared: SharedVault;
  readonly #address: PostgresAddress;
  readonly #pool: pg.Pool;
  readonly #statements: VaultStatements;
  /** The connection whose transaction is the turn. */
  #turn: pg.PoolClient | undefined;
  #closed = false;

  constructor(address: PostgresAddress, pool: pg.Pool, durability: VaultStore['durability']) {
    this.durability = durability;
    this.#address = address;
    this.#pool = pool;
    this.#statements = vaultStatementsOf(address.schema);
    this.shared = {
      commitIf: (change, condition) => this.#commitIf(change, condition),
      inTurn: (act) => this.#inTurn(act),
      checkTurn: () => this.#checkTurn(),
    };
  }

  async commit(change: VaultChange): Promise<void> {
    await this.#transaction(this.#statements.alone, async (client) => {
      const { keys = [] } = change;
      await this.#apply(client, change);
      if (keys.length > 0) await client.query(this.#statements.putKeys, columnsOf(keys));
      return true;
    });
    // Deleted and committed it is gone for every reader; this frees its bytes to be written over.
    if ((change.destroyed ?? []).length > 0) {
      await this.#pool.query(this.#statements.vacuumKeys).catch(() => undefined);
    }
  }

  #commitIf(change: VaultChange, { keys: expected, present, absent }: VaultCondition): Promise<boolean> {
    return this.#transaction(this.#statements.together, async (client) => {
      const { addKeys, holds } = this.#statements;
      const { keys = [] } = change;
      if (keys.length > 0) await client.query(addKeys, columnsOf(keys));
      const { rows } = await client.query(holds, [
        expected.map(({ name }) => name),
        expected.map(({ bytes }) => Buffer.from(bytes)),
        [...present],
        [...absent],
      ]);
      if (rows[0].holds !== true) return false;
      await this.#apply(client, change);
      return true;
    });
  }

  /** All but the keys that are put. */
  async #apply(
    client: pg.PoolClient,
    { puts = [], deletes = [], destroyed = [] }: VaultChange,
  ): Promise<void> {
    const { destroyKeys, deleteRows, putRows } = this.#statements;
    if (destroyed.length > 0) await client.query(destroyKeys, [[...destroyed]]);
    if (deletes.length > 0) await client.query(deleteRows, [[...deletes]]);
    if (puts.length > 0) await client.query(putRows, columnsOf(puts));
  }

  /** `act` under a lock that is this transaction's; committed when it gives true. */
  #transaction(begin: string, act: (client: pg.PoolClient) => Promise<boolean>): Promise<boolean> {
    return this.#failing('could not be written', async () => {
      const client = await this.#pool.connect();
      try {
        await client.query(begin);
        const done = await act(client);
        await client.query(done ? 'COMMIT' : 'ROLLBACK');
        client.release();
        return done;
      } catch (cause) {
        // A connection that was lost, or is in a transaction that failed: the server rolls back when it goes.
        client.release(true);
        throw cause;
      }
    });
  }

  /** The turn is a transaction without anything in it: it holds nothing up but other turns, and ends with its connection. */
  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const client = await this.#failing('could not be locked', async () => {
      const connected = await this.#pool.connect();
      try {
        await connected.query(this.#statements.turn);
        return connected;
      } catch (cause) {
        connected.release(true);
        throw cause;
      }
    });
    this.#turn = client;
    try {
      return await act();
    } finally {
      this.#turn = undefined;
      await client.query('COMMIT').then(
        () => client.release(),
        () => client.release(true),
      );
    }
  }

  #checkTurn(): Promise<void> {
    return this.#failing('has lost its turn', async () => {
      if (this.#turn === undefined) throw new Error('there is none');
      await this.#turn.query('SELECT 1');
    });
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return (await this.#rows('readRow', [name]))[0]?.bytes;
  }

  scan({ prefix, after = '', limit }: VaultRange): Promise<readonly VaultRow[]> {
    return this.#rows('scanRows', [...boundsOf(prefix), after, limit]);
  }

  async readKey(name: string): Promise<Uint8Array | undefined> {
    return (await this.#rows('readKey', [name]))[0]?.bytes;
  }

  async scanKeys({ prefix, after = '', limit }: VaultRange): Promise<readonly string[]> {
    const rows = await this.#rows('scanKeys', [...boundsOf(prefix), after, limit]);
    return rows.map(({ name }) => name);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  #rows(name: keyof VaultStatements, values: unknown[]): Promise<readonly VaultRow[]> {
    return this.#failing('could not be read', async () => {
      const { rows } = await this.#pool.query({ name, text: this.#statements[name], values });
      return rows.map((row) => ({
        name: row.name,
        bytes: row.bytes === undefined ? new Uint8Array() : Uint8Array.from(row.bytes),
      }));
    });
  }

  async #failing<T>(what: string, act: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new Fault('vault_failed', 'The vault in the database was closed.', { retryable: false });
    }
    try {
      return await act();
    } catch (cause) {
      throw storageFault(this.#address, what, cause, 'vault');
    }
  }
}

/** Of rows of one name the last counts; one statement writes a row once. In the order of their names, so that no two wait for each other. */
function columnsOf(rows: readonly VaultRow[]): [string[], Buffer[]] {
  const last = [...new Map(rows.map(({ name, bytes }) => [name, Buffer.from(bytes)]))];
  last.sort(([a], [b]) => (a < b ? -1 : 1));
  return [last.map(([name]) => name), last.map(([, bytes]) => bytes)];
}

/** Names are of the characters 20 to 7e. */
const boundsOf = (prefix: string): readonly [string, string] => [prefix, `${prefix}\x7f`];
