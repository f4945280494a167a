import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ok } from '../../../src/kernel/result.js';
import { cosignedKey, cosignedValue } from '../../../src/log/cosigned-row.js';
import { postgresGrowingRow } from '../../../src/log/drivers/postgres-growing-row.js';
import { postgresReading } from '../../../src/log/drivers/postgres-reading.js';
import { postgresRepair } from '../../../src/log/drivers/postgres-repair.js';
import { checkStore } from '../../../src/log/fsck/check-store.js';
import type { Log } from '../../../src/log/log.js';
import { openLog } from '../../../src/log/open-log.js';
import { addressOf, freshLogUrl, noPostgres, openPostgres, sql } from '../../support/postgres-server.js';
import { attempt, contractPut, decision, genesis, outcome, signer } from './entries.js';

const decisions = 270;
const id = (n: number): string => String(n).padStart(64, '0');
const digits = (n: number): string => String(n).padStart(16, '0');
const place = (n: number): string => `${digits(3)}.${digits(n + 2)}`;

let url = '';
let schema = '';
let asOf = 0;

async function opened(at = url): Promise<Log<undefined>> {
  const log = await openLog(
    { storage: await openPostgres(at), buildSnapshot: () => ok(undefined), signer },
    genesis,
  );
  if (!log.ok) throw new Error('the log did not open');
  return log.value;
}

async function check(at = url) {
  const store = await postgresReading(addressOf(at), { still: true });
  return checkStore(store, () => {}).finally(() => store.close());
}
const codes = async () => (await check()).findings.map(({ code }) => code);

/** Changes the database behind the log's back, and takes it back. */
async function changed(act: () => Promise<unknown>, look: () => Promise<void>): Promise<void> {
  const tables = ['head', 'blob_pack', 'index_row'];
  for (const table of tables)
    await sql(url, `CREATE TABLE ${schema}.kept_${table} AS TABLE ${schema}.${table}`);
  try {
    await act();
    await look();
  } finally {
    for (const table of tables) {
      await sql(url, `DELETE FROM ${schema}.${table}`);
      await sql(url, `INSERT INTO ${schema}.${table} TABLE ${schema}.kept_${table}`);
      await sql(url, `DROP TABLE ${schema}.kept_${table}`);
    }
  }
}

const flipIn = (name: string, number: number, column = 'bytes') =>
  sql(
    url,
    `UPDATE ${schema}.blob_pack SET ${column} = set_byte(${column}, length(${column}) / 2, get_byte(${column}, length(${column}) / 2) # 1)
     WHERE name = $1 AND first <= $2 AND first + members > $2 RETURNING first`,
    [name, number],
  ).then((rows) => expect(rows).toHaveLength(1));
const flipRow = (folder: string, name: string) =>
  sql(
    url,
    `UPDATE ${schema}.index_row SET value = set_byte(value, 0, get_byte(value, 0) # 1) WHERE folder = $1 AND name = $2 RETURNING 1`,
    [folder, name],
  ).then((rows) => expect(rows).toHaveLength(1));
const addRow = (folder: string, name: string) =>
  sql(url, `INSERT INTO ${schema}.index_row VALUES ($1, $2, $3)`, [folder, name, Buffer.from(id(5))]);
const addPack = (name: string, first: number, members: readonly string[]) => {
  let end = 0;
  const ends = Buffer.concat(
    members.map((member) => {
      const at = Buffer.alloc(4);
      end += member.length;
      at.writeUInt32BE(end);
      return at;
    }),
  );
  return sql(url, `INSERT INTO ${schema}.blob_pack VALUES ($1, $2, $3, $4, $5)`, [
    name,
    first,
    members.length,
    ends,
    Buffer.from(members.join('')),
  ]);
};

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});

beforeAll(async () => {
  if (noPostgres !== undefined) return;
  url = await freshLogUrl();
  schema = new URL(url).searchParams.get('schema') as string;
  const log = await opened();
  await log.appendState(() => ok([contractPut('s')]));
  asOf = log.view.folded.state.as_of;
  for (let n = 0; n < decisions; n += 27) {
    await Promise.all(Array.from({ length: 27 }, (_, i) => log.appendDecision(decision(id(n + i), asOf))));
  }
  await log.appendEvents([attempt(id(1), 's'), { ...outcome('s', 'failed'), decision: id(1) }]);
  await log.close();
}, 60_000);

describe('a log in PostgreSQL', () => {
  it('that is sound has no findings', async () => {
    const { head, findings } = await check();
    expect(findings).toEqual([]);
    expect(head?.size).toBe(decisions + 4);
    const store = await postgresReading(addressOf(url), { still: false });
    expect(await store.readHead()).toEqual(head);
    await store.close();
  });

  it.each([
    ['an entry', () => flipIn('entry/', 100), /entry_changed|entry_malformed/],
    ['the first entry', () => flipIn('entry/', 0), /entry_changed|entry_malformed/],
    ['the hash of an entry', () => flipIn('hash/0/', 7), /^hash_wrong$/],
    ['a hash above', () => flipIn('hash/1/', 0), /^hash_wrong$/],
    ['a tile', () => flipIn('tile/0/', 0), /^tile_wrong$/],
    ['where an entry ends', () => flipIn('entry/', 100, 'ends'), /^store_malformed|entry_/],
    ['the row of a decision', () => flipRow('decision/', id(3)), /^row_wrong$/],
    ['a row of a trace', () => flipRow(`trace/${id(1)}/`, digits(decisions + 2)), /^row_wrong$/],
    ['a row of failures', () => flipRow('traces/*/s/failed/', place(1)), /^row_wrong$/],
    ['the root', () => sql(url, `UPDATE ${schema}.head SET root = repeat('0', 64)`), /root_wrong/],
    ['the size', () => sql(url, `UPDATE ${schema}.head SET size = size - 1`), /root_wrong/],
  ] as const)('a flipped byte in %s is found', async (_, flip, says) => {
    await changed(flip, async () => expect((await codes()).join()).toMatch(says));
  });

  it.each([
    [
      'a batch of entries that is gone',
      () => sql(url, `DELETE FROM ${schema}.blob_pack WHERE name = 'entry/' AND first > 200`),
      /entry_missing/,
    ],
    ['an entry beyond the head', () => addPack('entry/', 9999, ['{}']), /^blob_unknown$/],
    ['a blob of no kind', () => addPack('anything', -1, ['x']), /^blob_unknown$/],
    ['a second row of the same entries', () => addPack('entry/', 3, ['{}', '{}']), /^store_malformed/],
    [
      'a batch that says it has more entries',
      () =>
        sql(
          url,
          `UPDATE ${schema}.blob_pack SET members = members + 1 WHERE name = 'entry/' AND first > 200`,
        ),
      /^store_malformed/,
    ],
    [
      'a row that is gone',
      () => sql(url, `DELETE FROM ${schema}.index_row WHERE folder = 'fold/' AND name = $1`, [digits(1)]),
      /^row_missing$/,
    ],
    ['a row of another tenant', () => addRow('traces/other/*/*/', place(5)), /^row_unknown$/],
    ['a row of no folder', () => addRow('', 'x'), /^row_unknown$/],
  ] as const)('%s is found', async (_, plant, says) => {
    await changed(plant, async () => expect((await codes()).join()).toMatch(says));
  });

  it('is seen as it was at the beginning, whatever is committed meanwhile', async () => {
    const store = await postgresReading(addressOf(url), { still: true });
    const log = await opened();
    await log.appendDecision(decision(id(decisions), asOf));
    await log.appendEvents([attempt(id(2), 's'), { ...outcome('s', 'answered'), decision: id(2) }]);
    const { head, findings } = await checkStore(store, () => {}).finally(() => store.close());
    expect([head?.size, findings]).toEqual([decisions + 4, []]);
    expect(await check()).toMatchObject({ head: { size: decisions + 7 }, findings: [] });
    await log.close();
  });

  it('is repaired beside a server that does not write, and only under the head that was checked', async () => {
    const log = await opened();
    for (const [name, number] of [
      ['hash/0/', 3],
      ['tile/0/', 0],
    ] as const)
      await flipIn(name, number);
    await sql(url, `DELETE FROM ${schema}.blob_pack WHERE name = 'hash/1/'`);
    await sql(url, `DELETE FROM ${schema}.index_row WHERE folder = 'kind/decision/'`);
    await addRow('traces/other/*/*/', place(5));
    const { head, findings, rewrites } = await check();
    const found = [...new Set(findings.map(({ code }) => code))].sort();
    expect(found).toEqual(['hash_missing', 'hash_wrong', 'row_missing', 'row_unknown', 'tile_wrong']);

    const store = await postgresRepair(addressOf(url));
    const entry = { kind: 'blob', key: `entry/${digits(0)}`, bytes: Buffer.from('x') } as const;
    await expect(store.rewrite(head, [entry])).rejects.toThrow(/was written with other bytes/);
    await log.appendDecision(decision(id(decisions + 1), asOf));
    expect(await store.rewrite(head, rewrites)).toBe('conflict');
    expect((await check()).findings).toHaveLength(findings.length);
    const again = await check();
    expect(await store.rewrite(again.head, again.rewrites)).toBe('written');
    await store.close();
    expect((await check()).findings).toEqual([]);
    // The server that was there all the while goes on, on what is sound.
    await log.appendDecision(decision(id(decisions + 2), asOf));
    await log.close();
    expect((await check()).findings).toEqual([]);
  });
});

describe('the cosigned checkpoint that instances show each other', () => {
  const raised = async (value: string) => {
    const row = postgresGrowingRow(addressOf(url), cosignedKey);
    await row.raise(value);
    const now = await row.read();
    await row.close();
    return now;
  };
  /** The checkpoint of the log that is there. */
  const published = async () => {
    const log = await opened();
    const now = log.published;
    await log.close();
    return now;
  };

  it('stays the largest that was written', async () => {
    const { size, checkpoint } = await published();
    const values = [size - 1, size, size - 2].map((each) => cosignedValue({ size: each, checkpoint }));
    expect(await raised(values[0] as string)).toBe(values[0]);
    expect(await raised(values[1] as string)).toBe(values[1]);
    expect(await raised(values[2] as string)).toBe(values[1]);
    expect(await codes()).toEqual([]);
  });

  it.each([
    ['that is no note', (value: string) => value.slice(0, 40)],
    ['of another size', (value: string) => value.replace(/^\d+/, digits(5))],
    ['that another key signed', (value: string) => value.replace(/ log\.test /, ' log.other ')],
    ['of another root', (value: string) => value.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`)],
  ])('%s is found, and taken away', async (_, change) => {
    const { size, checkpoint } = await published();
    const put = (value: string) =>
      sql(url, `UPDATE ${schema}.index_row SET value = $1 WHERE folder = 'cosigned/'`, [Buffer.from(value)]);
    const good = cosignedValue({ size, checkpoint });
    await raised(good);
    expect(change(good)).not.toBe(good);
    await put(change(good));
    const { head, findings, rewrites } = await check();
    expect(findings).toMatchObject([{ code: 'cosigned_wrong', subject: cosignedKey }]);
    const store = await postgresRepair(addressOf(url));
    expect(await store.rewrite(head, rewrites)).toBe('written');
    await store.close();
    expect(await codes()).toEqual([]);
  });
});

describe('a database that cannot be read is said to be', () => {
  const reading = (at: string) => postgresReading(addressOf(at), { still: true });

  it('without tables, with those of a later version, and none are made', async () => {
    const empty = await freshLogUrl();
    await expect(reading(empty)).rejects.toThrow(
      /holds no log: there are no tables of CAIO in the schema test_/,
    );
    const name = new URL(empty).searchParams.get('schema') as string;
    expect(await sql(empty, 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [name])).toEqual([]);
    await (await openPostgres(empty)).close();
    await sql(empty, `INSERT INTO ${name}.migration (version, what) VALUES (99, 'later')`);
    await expect(reading(empty)).rejects.toThrow(
      /has schema version 99, and this program knows \d+: a newer one/,
    );
    await sql(empty, `DELETE FROM ${name}.migration WHERE version > 1`);
    await sql(empty, `DROP TABLE ${name}.vault_row, ${name}.vault_key`);
    const old = await reading(empty);
    expect(await old.readHead()).toBeUndefined();
    await old.close();
    expect(await sql(empty, `SELECT max(version) AS version FROM ${name}.migration`)).toEqual([
      { version: 1 },
    ]);
  });

  it('with a wrong password, which is not shown, or nobody there', async () => {
    const wrong = new URL(url);
    wrong.password = 'hunter2';
    await expect(reading(wrong.href)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2'), retryable: false }),
    );
    wrong.port = '9';
    await expect(reading(wrong.href)).rejects.toThrow(/could not be read: .*ECONNREFUSED/);
  });

  it('and a role that may only read reads, and repairs nothing', async () => {
    const role = `reader_${schema}`;
    await sql(url, `CREATE ROLE ${role} LOGIN PASSWORD 'only-reads'`);
    const as = new URL(url);
    as.username = role;
    as.password = 'only-reads';
    try {
      await sql(url, `GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
      await sql(url, `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
      const { head, findings } = await check(as.href);
      expect(findings).toEqual([]);
      const store = await postgresRepair(addressOf(as.href));
      await expect(store.rewrite(head, [{ kind: 'row', key: 'x' }])).rejects.toThrow(
        /may not be repaired by this role/,
      );
      await store.close();
    } finally {
      await sql(url, `DROP OWNED BY ${role}`);
      await sql(url, `DROP ROLE ${role}`);
    }
  });
});
