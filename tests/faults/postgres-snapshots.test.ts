import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../src/kernel/errors.js';
import { dropOldSnapshots } from '../../src/log/drop-snapshots.js';
import type { Head, StoragePort } from '../../src/log/port.js';
import { readSnapshot } from '../../src/log/state-snapshot.js';
import { type Keepable, writeSnapshot } from '../../src/log/write-snapshot.js';
import { addressOf, freshLogUrl, noPostgres, openPostgres, sql } from '../support/postgres-server.js';
import { signer } from '../unit/log/entries.js';
import { grown, keptIn, logKey, nextTurn, shelved } from '../unit/log/kept-snapshots.js';

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});

/** One that others outran so often that it gave up is written when they do less, as the next one would be. */
async function writeInTheEnd(store: StoragePort, state: Keepable): Promise<void> {
  for (;;) {
    try {
      return await writeSnapshot(store, state, signer, nextTurn);
    } catch (cause) {
      if (!(cause instanceof Fault) || !/all the while/.test(cause.message)) throw cause;
    }
  }
}

describe('state snapshots in a database that several instances share', () => {
  it('are whole while all of them keep, drop, start and append', async () => {
    const url = await freshLogUrl();
    const sizes = Array.from({ length: 24 }, (_, n) => 2 * (n + 1));
    const stores: StoragePort[] = [];
    for (let n = 0; n < 4; n += 1) stores.push(await openPostgres(url));
    const [first, ...others] = stores as [StoragePort, ...StoragePort[]];
    try {
      const states = (await grown(first, sizes)).map((state, n) => shelved(state, `s${n % 3}`));
      await writeSnapshot(first, states[0] as Keepable, signer, nextTurn);
      let done = false;
      const appending = (async () => {
        for (let size = 50; !done; size += 1) await grown(first, [size]);
      })();
      const starting = (async () => {
        const store = await openPostgres(url);
        let starts = 0;
        for (; !done; starts += 1) {
          const warnings: string[] = [];
          const head = (await store.readHead()) as Head;
          const resumed = await readSnapshot(store, head, logKey, (message) => warnings.push(message));
          expect(warnings).toEqual([]);
          expect(resumed?.statement.size).toBeGreaterThan(1);
        }
        await store.close();
        return starts;
      })();
      await Promise.all(
        others.map(async (store, at) => {
          for (const state of states.filter((_, n) => n % others.length === at)) {
            await writeInTheEnd(store, state);
            await dropOldSnapshots(store, logKey, nextTurn);
          }
        }),
      ).finally(() => {
        done = true;
      });
      await appending;
      expect(await starting).toBeGreaterThan(1);
      await dropOldSnapshots(first, logKey, nextTurn);
      expect(await keptIn(first)).toMatchObject({ sizes: [42, 44, 46, 48], unnamed: [], faults: [] });
    } finally {
      for (const store of stores) await store.close();
    }
  }, 60_000);

  it('that an older program kept where the entries are go when the tables are brought up to date, and nothing else does', async () => {
    const url = await freshLogUrl();
    const { schema } = addressOf(url);
    const before = await openPostgres(url);
    await grown(before, [30]);
    await before.close();
    const counts = () =>
      sql(
        url,
        `SELECT (SELECT count(*)::int FROM ${schema}.blob_pack) AS blobs, (SELECT count(*)::int FROM ${schema}.index_row) AS rows`,
      );
    const [own] = await counts();
    await sql(
      url,
      `DROP TABLE ${schema}.snapshot_blob, ${schema}.snapshot_row;
       DELETE FROM ${schema}.migration WHERE version = 3;
       INSERT INTO ${schema}.blob_pack VALUES ('snapshot/ab', -1, 1, '\\x00000001', '\\x00'), ('snapshot/a', 7, 1, '\\x00000001', '\\x00');
       INSERT INTO ${schema}.index_row VALUES ('snapshot/', '0000000000000009', 'n')`,
    );
    expect(await counts()).not.toEqual([own]);
    const after = await openPostgres(url);
    expect(await counts()).toEqual([own]);
    expect((await grown(after, [31]))[0]?.folded.size).toBe(31);
    expect(await keptIn(after)).toMatchObject({ sizes: [], blobs: [] });
    await after.close();
  });
});
