import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Defect } from '../../kernel/errors.js';
import type { Batch, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import type { PostgresAddress } from './postgres-address.js';
import { storageFault } from './postgres-connection.js';
import { endsOf, membersOf, numbered, packsOf, rangesOf } from './postgres-pack.js';
import { openPool, type PoolOptions, refusal } from './postgres-pool.js';
import { type Statements, statementsOf } from './postgres-statements.js';
import { giveUp, type Turn, Turns } from './postgres-turn.js';
import { CommitWatch } from './postgres-watch.js';
import { sameHead } from './same-head.js';
import { checkKey, folderOf, rewrites } from './storage-key.js';

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
    return this.#read(async () => headIn(await this.#query('readHead', [])));
  }

  async commit(expected: Head | undefined, batch: Batch): Promise<'committed' | 'conflict'> {
    for (const { key } of [...batch.blobs, ...batch.index]) checkKey(key);
    const turn = this.#turns.take();
    try {
      this.#refuseClosed();
      const done = await this.#commitNow(turn, expected, batch);
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
    const [row] = await this.#query('commit', this.#commitValues(expected, batch));
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
      const run = (values: readonly unknown[]) =>
        client.query({ name: 'commit', text: this.#statements.commit, values: [...values] });
      let [row] = (await run(this.#commitValues(expected, batch))).rows;
      if (row.taken) {
        const head = headIn((await client.query(this.#statements.readHead)).rows);
        if (sameHead(head, expected)) {
          const unwritten = await this.#unwritten(client, batch);
          [row] = (await run(this.#commitValues(expected, unwritten))).rows;
        }
      }
      if (!row.swapped) {
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

  /** The batch without the blobs that are there already. One that is there with other bytes is a Defect. */
  async #unwritten(client: pg.PoolClient, batch: Batch): Promise<Batch> {
    const keys = batch.blobs.map(({ key }) => key);
    const known = await this.#blobsBy((values) => client.query(this.#statements.readPacks, values), keys);
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
    return this.#read(async () => {
      if (keys.length === 0) return [];
      const run = async (values: unknown[]) => ({ rows: await this.#query('readPacks', values) });
      const found = await this.#blobsBy(run, keys);
      // A key that is asked for twice is answered twice, each time with bytes of its own.
      const given = new Set<string>();
      return keys.map((key) => {
        const bytes = found.get(key);
        if (!given.has(key)) {
          given.add(key);
          return bytes;
        }
        return bytes?.slice();
      });
    });
  }

  async #blobsBy(
    run: (values: unknown[]) => Promise<{ readonly rows: readonly Row[] }>,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const ranges = rangesOf(keys);
    const columns = [
      ranges.map(({ name }) => name),
      ranges.map(({ low }) => low),
      ranges.map(({ high }) => high),
    ];
    const { rows } = await run(columns);
    const members = new Map<string, Uint8Array>();
    for (const { name, first, ends, bytes, start } of rows) {
      for (const [i, member] of membersOf(ends as Buffer, bytes as Buffer, Number(start)).entries()) {
        members.set(`${Number(first) + i} ${name}`, member);
      }
    }
    const found = new Map<string, Uint8Array>();
    for (const key of keys) {
      const { name, number } = numbered(key);
      const member = members.get(`${number} ${name}`);
      if (member !== undefined) found.set(key, member);
    }
    return found;
  }

  readIndex(key: string): Promise<string | undefined> {
    return this.#read(async () => {
      const folder = folderOf(key);
      const [row] = await this.#query('readIndex', [folder, key.slice(folder.length)]);
      return row === undefined ? undefined : (row.value as Buffer).toString();
    });
  }

  scanIndex({ folder, after, before, reverse, limit }: IndexRange): Promise<readonly IndexRow[]> {
    return this.#read(async () => {
      const bounds = boundsIn(folder, after, before);
      if (bounds === undefined || limit <= 0) return [];
      const statement = reverse === true ? 'scanReverse' : 'scan';
      const rows = await this.#query(statement, [folder, ...bounds, limit]);
      return rows.map(({ name, value }) => ({
        key: `${folder}${name}`,
        value: (value as Buffer).toString(),
      }));
    });
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

  async #query(name: keyof Statements, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#pool.query({ name, text: this.#statements[name], values: [...values] })).rows;
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
    // Of rows of one key the last counts; one statement writes a row once.
    const rows = [...new Map(index.map(({ key, value }) => [key, value]))].map(([key, value]) => {
      const folder = folderOf(key);
      return { folder, name: key.slice(folder.length), value: Buffer.from(value) };
    });
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
      rows.map(({ folder }) => folder),
      rows.map(({ name }) => name),
      rows.map(({ value }) => value),
      this.#statements.channel,
      this.#token,
    ];
  }

  #refuseClosed(): void {
    if (this.#closed) throw refusal(this.#address, 'was closed');
  }
}

type Row = { readonly [column: string]: unknown };

function headIn(rows: readonly Row[]): Head | undefined {
  const row = rows[0];
  if (row === undefined) throw new Error('its table head is empty');
  return row.size === null ? undefined : { size: Number(row.size), root: row.root as Head['root'] };
}

/** Names from the first on and before the second; `undefined` when the bounds leave nothing. Keys are of the characters 20 to 7e. */
function boundsIn(
  folder: string,
  after: string | undefined,
  before: string | undefined,
): readonly [string, string] | undefined {
  // A bound outside of the folder stands before or behind all of its rows.
  if (after !== undefined && !after.startsWith(folder) && after > folder) return undefined;
  if (before !== undefined && !before.startsWith(folder) && before < folder) return undefined;
  const from = after?.startsWith(folder) === true ? `${after.slice(folder.length)}\x01` : '';
  const until = before?.startsWith(folder) === true ? before.slice(folder.length) : '\x7f';
  return from < until ? [from, until] : undefined;
}
