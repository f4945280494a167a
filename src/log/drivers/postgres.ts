import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Defect } from '../../kernel/errors.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import type { PostgresAddress } from './postgres-address.js';
import { storageFault } from './postgres-connection.js';
import { lastingOf, needsHead, rowColumns, writeDroppable } from './postgres-droppable.js';
import { endsOf, packsOf } from './postgres-pack.js';
import { openPool, type PoolOptions, refusal } from './postgres-pool.js';
import {
  blobsBy,
  holdsBy,
  type Run,
  readBlobsBy,
  readHeadBy,
  readIndexBy,
  scanDroppableBy,
  scanIndexBy,
} from './postgres-reads.js';
import { type Statements, statementsOf } from './postgres-statements.js';
import { giveUp, type Turn, Turns } from './postgres-turn.js';
import { CommitWatch } from './postgres-watch.js';
import { sameHead } from './same-head.js';
import { checkBatch, rewrites } from './storage-key.js';

export interface PostgresOptions extends PoolOptions {
  /** Between two looks at the head for commits that no notification told of. Default 2 s. */
  readonly sweepMillis?: number;
  /** How long a commit that came second keeps the others waiting for its next try. Default 250 ms. */
  readonly holdMillis?: number;
  /** False where a pooler loses notifications: the sweep alone finds what others commit. Default true. */
  readonly listen?: boolean;
}

const poolSize = 6;

/**
 * The log in a PostgreSQL database, which several instances may share: the head is one row, under compare-and-swap in the transaction of the
 * batch. Makes or updates its tables when it may. Commits are synchronous whatever the server's configuration says of the role; a server
 * with `fsync` or `full_page_writes` off, or one that is only read from, is refused.
 *
 * Rejects with Fault `storage_failed`. A connection that is lost costs the calls that used it; the next ones connect anew.
 */
export async function postgresStorage(
  address: PostgresAddress,
  options: PostgresOptions = {},
): Promise<StoragePort> {
  const { pool, connection, durability } = await openPool(address, poolSize, options);
  return new PostgresStore(address, pool, connection, options, durability);
}

class PostgresStore implements StoragePort {
  readonly durability: StoragePort['durability'];
  readonly #address: PostgresAddress;
  readonly #pool: pg.Pool;
  readonly #statements: Statements;
  /** Each on a connection of its own. */
  readonly #run: Run;
  readonly #turns: Turns;
  readonly #watch: CommitWatch;
  readonly #token = randomBytes(8).toString('hex');
  #closed = false;

  constructor(
    address: PostgresAddress,
    pool: pg.Pool,
    connection: pg.ClientConfig,
    options: PostgresOptions,
    durability: StoragePort['durability'],
  ) {
    this.durability = durability;
    this.#address = address;
    this.#pool = pool;
    this.#statements = statementsOf(address.schema);
    this.#run = this.#runBy(pool);
    this.#turns = new Turns(pool, this.#statements.lockHead, options.holdMillis ?? 250);
    this.#watch = new CommitWatch({
      connection,
      channel: this.#statements.channel,
      token: this.#token,
      listen: options.listen ?? true,
      sweepMillis: options.sweepMillis ?? 2_000,
      readHead: () => this.readHead(),
    });
  }

  readHead(): Promise<Head | undefined> {
    return this.#read(() => readHeadBy(this.#run));
  }

  async commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    checkBatch(batch);
    try {
      this.#refuseClosed();
      const done = needsHead(batch)
        ? await this.#commitHeld(expected, batch)
        : await this.#commitNow(this.#turns.take(), expected, batch);
      if (done === 'committed') {
        this.#watch.saw(batch.head);
        this.#turns.won();
      }
      return done;
    } catch (cause) {
      throw storageFault(this.#address, 'could not be written', cause);
    }
  }

  async #commitNow(
    turn: Turn | undefined,
    expected: Head | undefined,
    batch: Batch,
  ): Promise<'committed' | 'conflict'> {
    if (turn !== undefined) return this.#commitIn(turn, expected, batch);
    // THE COMMIT POINT. Relied on: one statement is one transaction, its answer comes after the transaction is committed, and with
    // synchronous_commit that is after the server has flushed its log to the disk.
    const [row] = await this.#run('commit', this.#commitValues(expected, batch));
    if (row?.swapped === true) return 'committed';
    if (row?.taken !== true) {
      await this.#turns.lost();
      return 'conflict';
    }
    await this.#turns.ask();
    const asked = this.#turns.take();
    if (asked === undefined) throw new Error('the head could not be locked');
    return this.#commitIn(asked, expected, batch);
  }

  /** The same in a transaction that has the row of the head. On a conflict the turn is kept for the next try. */
  async #commitIn(turn: Turn, expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    const { client } = turn;
    try {
      if (!(await this.#swap(this.#runBy(client), expected, batch))) {
        this.#turns.keep(turn);
        return 'conflict';
      }
      await client.query('COMMIT');
      client.release();
      return 'committed';
    } catch (cause) {
      if (cause instanceof Defect) await giveUp(turn);
      else client.release(true);
      throw cause;
    }
  }

  /** The statement of the commit in a transaction that has the row of the head; false on a conflict. */
  async #swap(run: Run, expected: Head | undefined, batch: Batch): Promise<boolean> {
    let [row] = await run('commit', this.#commitValues(expected, batch));
    if (row?.taken === true && sameHead(await readHeadBy(run), expected)) {
      const unwritten = await this.#unwritten(run, batch);
      [row] = await run('commit', this.#commitValues(expected, unwritten));
    }
    return row?.swapped === true;
  }

  /**
   * Commits what may be dropped, what drops, and what depends on a row. A statement that waits for the head reads all else as it was before
   * it waited, and commits beside the entries leave the head as it is; so the head is taken first, and what is read after that is what counts.
   */
  async #commitHeld(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    const client = await this.#pool.connect();
    try {
      await client.query(`BEGIN; ${this.#statements.lockHead}`);
      const run = this.#runBy(client);
      if (!sameHead(await readHeadBy(run), expected) || !(await holdsBy(run, batch.onlyIf))) {
        await giveUp({ client });
        return 'conflict';
      }
      await writeDroppable(run, batch);
      if (!(await this.#swap(run, expected, lastingOf(batch)))) {
        throw new Defect('internal', 'the head moved although it was held');
      }
      await client.query('COMMIT');
      client.release();
      return 'committed';
    } catch (cause) {
      if (cause instanceof Defect) await giveUp({ client });
      else client.release(true);
      throw cause;
    }
  }

  /** The batch without the blobs that are there already. One that is there with other bytes is a Defect. */
  async #unwritten(run: Run, batch: Batch): Promise<Batch> {
    const keys = batch.blobs.map(({ key }) => key);
    const known = await blobsBy(run, keys);
    const blobs = batch.blobs.filter(({ key, bytes }) => {
      const there = known.get(key);
      if (there !== undefined && Buffer.compare(there, bytes) !== 0) throw rewrites(key);
      return there === undefined;
    });
    return { ...batch, blobs };
  }

  async readBlob(key: string): Promise<Uint8Array | undefined> {
    return (await this.readBlobs([key]))[0];
  }

  readBlobs(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#read(() => readBlobsBy(this.#run, keys));
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#read(() => readIndexBy(this.#run, key));
  }

  scanIndex(range: IndexRange): Promise<readonly IndexRow[]> {
    return this.#read(() => scanIndexBy(this.#run, range));
  }

  scanDroppable(after: string, limit: number): Promise<readonly string[]> {
    return this.#read(() => scanDroppableBy(this.#run, after, limit));
  }

  async watch(onCommit: () => void): Promise<() => Promise<void>> {
    return this.#read(async () => {
      const remove = await this.#watch.add(onCommit);
      return async () => remove();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#watch.end();
    await this.#turns.end();
    await this.#pool.end();
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      this.#refuseClosed();
      return await read();
    } catch (cause) {
      throw storageFault(this.#address, 'could not be read', cause);
    }
  }

  #runBy(connection: pg.Pool | pg.PoolClient): Run {
    return async (name, values) =>
      (await connection.query({ name, text: this.#statements[name], values: [...values] })).rows;
  }

  #commitValues(expected: Head | undefined, { head, blobs, index }: Batch): readonly unknown[] {
    const packs = packsOf(blobs);
    const parts: Uint8Array[] = [];
    let at = 0;
    const placed = packs.map(({ name, first, members }) => {
      const ends = endsOf(members);
      const bytesAt = at;
      const endsAt = at + (ends.byteLength === 0 ? 0 : ends.readUInt32BE(ends.byteLength - 4));
      parts.push(...members, ends);
      at = endsAt + ends.byteLength;
      return { name, first, count: members.length, bytesAt, endsAt };
    });
    const rows = rowColumns(index);
    return [
      expected?.size ?? null,
      expected?.root ?? null,
      head.size,
      head.root,
      placed.map(({ name }) => name),
      placed.map(({ first }) => first),
      placed.map(({ count }) => count),
      placed.map(({ bytesAt }) => bytesAt),
      placed.map(({ endsAt }) => endsAt),
      Buffer.concat(parts),
      rows.folders,
      rows.names,
      rows.values,
      this.#statements.channel,
      this.#token,
    ];
  }

  #refuseClosed(): void {
    if (this.#closed) throw refusal(this.#address, 'was closed');
  }
}
