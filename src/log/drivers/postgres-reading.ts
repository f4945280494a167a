import pg from 'pg';
import { indexDigits } from '../index-rows.js';
import type { IndexRow } from '../port.js';
import type { Malformation, StoreReading } from '../store-reading.js';
import type { PostgresAddress } from './postgres-address.js';
import { connectionOptions, storageFault } from './postgres-connection.js';
import { alone } from './postgres-pack.js';
import { refusal } from './postgres-pool.js';
import {
  type Row,
  type Run,
  readBlobsBy,
  readHeadBy,
  readIndexBy,
  scanDroppableBy,
  scanIndexBy,
} from './postgres-reads.js';
import { newerSchema, newestSchema, schemaVersion } from './postgres-schema.js';
import { statementsOf } from './postgres-statements.js';
import { folderOf, isDroppable } from './storage-key.js';

export interface PostgresReadingOptions {
  /**
   * All of it in one transaction, which sees one state. While it lasts the server keeps what was deleted since it began, in all tables: so for
   * what needs it, and not for longer. Without it each read sees what is committed then.
   */
  readonly still: boolean;
  /** For each statement, connecting included. Default 60 s. */
  readonly timeoutMillis?: number;
}

/** Reads that are under way at once. */
const poolSize = 2;
const pageRows = 512;

/**
 * Opens the log in a database to read it, beside the servers that write to it: its connections may not write, no lock is taken
 * but that of every reader, and tables are neither made nor migrated. The head is the one at the time of opening. Rejects with Fault `storage_failed`: no
 * tables, or those of a newer version; a server that is away; a credential that does not hold (never shown).
 */
export async function postgresReading(
  address: PostgresAddress,
  { still, timeoutMillis = 60_000 }: PostgresReadingOptions,
): Promise<StoreReading> {
  const pool = new pg.Pool({
    ...connectionOptions(address, timeoutMillis),
    options: '-c default_transaction_read_only=on',
    max: still ? 1 : poolSize,
    allowExitOnIdle: true,
  });
  // A connection that breaks while nobody uses it is nobody's failure: the pool drops it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  let transaction: pg.PoolClient | undefined;
  const close = async () => {
    transaction?.release(true);
    transaction = undefined;
    await pool.end();
  };
  try {
    if (still) {
      transaction = await pool.connect();
      await transaction.query(beginStill);
    }
    const connection = transaction ?? pool;
    const version = await checkTables(connection, address);
    const reading = readingOf(address, connection, still, version);
    const head = await reading.readHead();
    return { ...reading, readHead: async () => head, close };
  } catch (cause) {
    await close();
    throw storageFault(address, 'could not be read', cause);
  }
}

/** Reading takes its time between two statements, which no timeout knows. */
const beginStill =
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0';

async function checkTables(connection: pg.Pool | pg.PoolClient, address: PostgresAddress): Promise<number> {
  const version = await schemaVersion(connection, address.schema);
  if (version === 0)
    throw refusal(address, `holds no log: there are no tables of CAIO in the schema ${address.schema}`);
  // Those before it have the same tables of the log, but for what may be dropped.
  if (version > newestSchema) throw refusal(address, newerSchema(version));
  return version;
}

function readingOf(
  address: PostgresAddress,
  connection: pg.Pool | pg.PoolClient,
  still: boolean,
  version: number,
): Omit<StoreReading, 'close'> {
  const apart = version < 3 ? () => false : isDroppable;
  const { schema } = address;
  const [statements, more] = [statementsOf(schema), readingStatements(schema)];
  const query = async (name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await connection.query({ name, text, values: [...values] })).rows;
    } catch (cause) {
      throw storageFault(address, 'could not be read', cause);
    }
  };
  const run: Run = (name, values) => query(name, statements[name], values);
  const pages = (
    name: keyof typeof more,
    first: readonly unknown[],
    last: (row: Row) => readonly unknown[],
  ) => everyRow((after) => query(name, more[name], [...after, pageRows]), first, last);
  return {
    still,
    readHead: () => readHeadBy(run),
    readBlob: async (key) => (await readBlobsBy(run, [key], apart))[0],
    readBlobs: (keys) => readBlobsBy(run, keys, apart),
    readIndex: (key) => readIndexBy(run, key, apart),
    readRows: async (keys) => {
      const folders = keys.map(folderOf);
      const names = keys.map((key, i) => key.slice((folders[i] as string).length));
      const rows = await query('readRows', more.readRows, [folders, names]);
      return rows.map(({ value }) => (value as Buffer | null)?.toString());
    },
    scanIndex: (range) => scanIndexBy(run, range, apart),
    scanDroppable: async (after, limit) => (version < 3 ? [] : scanDroppableBy(run, after, limit)),
    malformations: async function* () {
      let before: Row | undefined;
      for await (const pack of pages('packs', ['', alone], placeOfPack)) {
        const message = malformationOf(pack, before);
        if (message !== undefined) yield { subject: subjectOf(pack), message } satisfies Malformation;
        before = pack;
      }
    },
    blobKeys: async function* () {
      for await (const pack of pages('packs', ['', alone], placeOfPack)) yield* keysOf(pack);
      if (version < 3) return;
      for await (const { key } of pages('droppable', [''], (row) => [row.key])) yield key as string;
    },
    rows: async function* () {
      for await (const { folder, name, value } of pages('rows', ['', ''], (row) => [row.folder, row.name]))
        yield { key: `${folder}${name}`, value: (value as Buffer).toString() } satisfies IndexRow;
      if (version < 3) return;
      const places = (row: Row) => [row.folder, row.name];
      for await (const { folder, name, value } of pages('droppableRows', ['', ''], places))
        yield { key: `${folder}${name}`, value: (value as Buffer).toString() } satisfies IndexRow;
    },
  };
}

/** Rows page by page, each behind the last of the one before. No row stands at `first`. */
async function* everyRow(
  page: (after: readonly unknown[]) => Promise<readonly Row[]>,
  first: readonly unknown[],
  placeOf: (row: Row) => readonly unknown[],
): AsyncGenerator<Row> {
  let after = first;
  for (;;) {
    const rows = await page(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = placeOf(last);
  }
}

const placeOfPack = ({ name, first }: Row): readonly unknown[] => [name, first];
const subjectOf = ({ name, first }: Row): string => `blob_pack (${String(name)}, ${String(first)})`;

function* keysOf({ name, first, members }: Row): Generator<string> {
  if (Number(first) === alone) yield String(name);
  else for (let i = 0; i < Number(members); i += 1) yield `${name}${indexDigits(Number(first) + i)}`;
}

/** What is wrong with a row of blobs, in words that go behind its place. */
function malformationOf(pack: Row, before: Row | undefined): string | undefined {
  const [first, members, length] = [Number(pack.first), Number(pack.members), Number(pack.length)];
  const ends = pack.ends as Buffer;
  if (first < alone || (first === alone && members !== 1)) return 'it begins or ends where no row can';
  if (ends.byteLength !== 4 * members) return `it says it has ${members} blobs, and where others end`;
  let end = 0;
  for (let at = 0; at < ends.byteLength; at += 4) {
    const next = ends.readUInt32BE(at);
    if (next < end) return 'a blob in it ends before it begins';
    end = next;
  }
  if (end !== length) return `its blobs are said to end at ${end} of ${length} bytes`;
  if (before?.name !== pack.name || before === undefined) return undefined;
  return Number(before.first) + Number(before.members) > first
    ? 'the row before it has the same blobs'
    : undefined;
}

const rowsOf = (table: string): string => `
SELECT folder, name, value FROM ${table}
WHERE (folder, name) > ($1::text COLLATE "C", $2::text COLLATE "C") ORDER BY folder, name LIMIT $3`;

function readingStatements(schema: string) {
  return {
    /** $1, $2 folders and names. One row each, in their order; the limit keeps it at one look at the index each. */
    readRows: `
SELECT found.value FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g (folder, name, at)
LEFT JOIN LATERAL (SELECT i.value FROM ${schema}.index_row i WHERE i.folder = g.folder AND i.name = g.name LIMIT 1) found ON true
ORDER BY g.at`,
    /** Behind $1, $2; $3 the most rows. */
    packs: `
SELECT name, first, members, ends, octet_length(bytes) AS length FROM ${schema}.blob_pack
WHERE (name, first) > ($1::text COLLATE "C", $2::bigint) ORDER BY name, first LIMIT $3`,
    rows: rowsOf(`${schema}.index_row`),
    droppable: `SELECT key FROM ${schema}.snapshot_blob WHERE key > $1 ORDER BY key LIMIT $2`,
    droppableRows: rowsOf(`${schema}.snapshot_row`),
  } as const;
}
