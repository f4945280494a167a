import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestFromBytes, sha256 } from '../../src/kernel/digest.js';
import type { PostgresOptions } from '../../src/log/drivers/postgres.js';
import { inspectPostgres } from '../../src/log/drivers/postgres-inspect.js';
import type { Batch, Head, StoragePort } from '../../src/log/port.js';
import { postgresVault } from '../../src/server/openings/postgres-vault.js';
import { addressOf, freshLogUrl, noPostgres, openPostgres, sql } from '../support/postgres-server.js';
import { decision } from '../unit/log/entries.js';
import { checkLedger, Ledger, openTestLog, type TestLog } from './log-ledger.js';

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});

const headOf = (size: number): Head => ({ size, root: digestFromBytes(sha256(Buffer.from(`${size}`))) });
const keyOf = (n: number): string => `entry/${String(n).padStart(16, '0')}`;

function batchAt(from: number, count = 1): Batch {
  const blobs = Array.from({ length: count }, (_, i) => ({
    key: keyOf(from + i),
    bytes: Buffer.from(`${from + i}`),
  }));
  return { head: headOf(from + count), blobs, index: [] };
}

const commitAt = (store: StoragePort, from: number) =>
  store.commit(from === 0 ? undefined : headOf(from), batchAt(from));

/** Resolves when the callback was called that many times. */
function calledBack(times = 1): { readonly callback: () => void; readonly done: Promise<void> } {
  let left = times;
  let callback = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    callback = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  });
  return { callback, done };
}

async function withStores(
  options: readonly PostgresOptions[],
  use: (stores: readonly StoragePort[], url: string) => Promise<void>,
): Promise<void> {
  const url = await freshLogUrl();
  const stores: StoragePort[] = [];
  try {
    for (const each of options) stores.push(await openPostgres(url, each));
    await use(stores, url);
  } finally {
    for (const store of stores) await store.close();
  }
}

describe('several writers on one database', () => {
  it('race on the head and make one log, each append once', async () => {
    await withStores([{}, {}, {}], async (stores) => {
      const ledger = new Ledger();
      const writers: TestLog[] = [];
      for (const store of stores) writers.push(await openTestLog(store));
      await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const log = writers[i % 3] as TestLog;
          const { index } = (await log.appendDecision(decision(`w${i}`, 1))) as { readonly index: number };
          ledger.acknowledged.set(index, `decision w${i}`);
          ledger.see(log);
        }),
      );
      expect(ledger.acknowledged.size).toBe(60);
      await checkLedger(stores[0] as StoragePort, ledger);
    });
  });

  it('a slow one gets its turn although a fast one never stops', async () => {
    await withStores([{}, { holdMillis: 5_000 }], async ([fast, slow]) => {
      if (fast === undefined || slow === undefined) throw new Error('two stores');
      let size = 0;
      let done = false;
      const running = (async () => {
        while (!done) {
          if ((await commitAt(fast, size)) === 'committed') size += 1;
          else size = (await fast.readHead())?.size ?? 0;
        }
      })();
      let longest = 0;
      for (let won = 0; won < 5; won += 1) {
        let tries = 0;
        let result: string;
        do {
          const at = (await slow.readHead())?.size ?? 0;
          // So slow that the other one commits in between, as long as it can: left to chance, no try would ever win.
          for (let reads = 0; reads < 200 && (await slow.readHead())?.size === at; reads += 1);
          result = await commitAt(slow, at);
          tries += 1;
        } while (result !== 'committed');
        longest = Math.max(longest, tries);
      }
      done = true;
      await running;
      console.log(`the slow writer needed ${longest} tries at most; ${size} commits by the fast one`);
      // Four races lost, then a turn.
      expect(longest).toBe(5);
    });
  });

  it('a turn that is not used keeps nobody waiting for ever', async () => {
    await withStores([{}, { holdMillis: 50 }], async ([one, other]) => {
      if (one === undefined || other === undefined) throw new Error('two stores');
      await commitAt(one, 0);
      for (let tries = 0; tries < 4; tries += 1) expect(await commitAt(other, 5)).toBe('conflict');
      expect(await commitAt(one, 1)).toBe('committed');
      expect(await commitAt(other, 2)).toBe('committed');
    });
  });
});

describe('commits of others', () => {
  it('are told at once', async () => {
    await withStores([{}, { sweepMillis: 3_600_000 }], async ([writer, reader]) => {
      const told = calledBack();
      const end = await (reader as StoragePort).watch(told.callback);
      await commitAt(writer as StoragePort, 0);
      await told.done;
      expect(await reader?.readHead()).toEqual(headOf(1));
      await end();
    });
  });

  it('are found without a notification, by looking', async () => {
    await withStores([{}, { listen: false, sweepMillis: 20 }], async ([writer, reader]) => {
      for (let size = 0; size < 3; size += 1) {
        const told = calledBack();
        const end = await (reader as StoragePort).watch(told.callback);
        await commitAt(writer as StoragePort, size);
        await told.done;
        await end();
      }
      expect(await reader?.readHead()).toEqual(headOf(3));
    });
  });

  it('are told of again after the listening connection was cut', async () => {
    await withStores([{}, { sweepMillis: 3_600_000 }], async ([writer, reader], url) => {
      const lost = calledBack();
      const end = await (reader as StoragePort).watch(lost.callback);
      const cut = await sql(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()",
      );
      expect(cut.length).toBeGreaterThan(0);
      // Either the notification reaches the new connection, or the look that follows connecting finds it.
      await commitAt(writer as StoragePort, 0);
      await lost.done;
      await end();
    });
  });

  it('one’s own are no news', async () => {
    await withStores([{ sweepMillis: 10 }, { sweepMillis: 10 }], async ([one, other]) => {
      let own = 0;
      const told = calledBack();
      await one?.watch(() => {
        own += 1;
      });
      await other?.watch(told.callback);
      await commitAt(one as StoragePort, 0);
      await told.done;
      expect(own).toBe(0);
    });
  });
});

describe('a database that fails', () => {
  it('costs the calls that it fails, with a fault that can be tried again; connections are made anew', async () => {
    await withStores([{}], async ([store], url) => {
      const { readHead } = { readHead: () => (store as StoragePort).readHead() };
      await commitAt(store as StoragePort, 0);
      await sql(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'caio' AND pid <> pg_backend_pid()",
      );
      const results = await Promise.allSettled([readHead(), readHead(), readHead()]);
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'storage_failed', retryable: true });
      }
      expect(await readHead()).toEqual(headOf(1));
      expect(await commitAt(store as StoragePort, 1)).toBe('committed');
    });
  });

  it('that does not answer is given up after the timeout, and is asked again later', async () => {
    await withStores([{ timeoutMillis: 400 }], async ([store], url) => {
      await commitAt(store as StoragePort, 0);
      const { schema } = addressOf(url);
      const holding = sql(url, `BEGIN; LOCK TABLE ${schema}.head; SELECT pg_sleep(3); COMMIT`);
      // Until the lock is there, commits go through.
      let size = 1;
      let failure: unknown;
      while (failure === undefined) {
        await commitAt(store as StoragePort, size).then(
          () => {
            size += 1;
          },
          (cause: unknown) => {
            failure = cause;
          },
        );
      }
      expect(failure).toMatchObject({ code: 'storage_failed', retryable: true });
      expect(String(failure)).toMatch(/timeout|timed out/);
      await holding;
      const now = (await store?.readHead())?.size ?? 0;
      expect(now).toBe(size);
      expect(await commitAt(store as StoragePort, now)).toBe('committed');
    });
  });
});

describe('a database that the log is not safe in', () => {
  it('is refused when its server does not sync, unless that is asked for', async () => {
    const url = await freshLogUrl();
    await sql(url, 'ALTER SYSTEM SET full_page_writes = off');
    await sql(url, 'SELECT pg_reload_conf()');
    try {
      while ((await sql(url, 'SHOW full_page_writes'))[0]?.full_page_writes !== 'off');
      await expect(openPostgres(url)).rejects.toThrow(/fsync or full_page_writes off/);
      const store = await openPostgres(url, { allowVolatile: true });
      expect(store.durability).toBe('process');
      await store.close();
    } finally {
      await sql(url, 'ALTER SYSTEM RESET full_page_writes');
      await sql(url, 'SELECT pg_reload_conf()');
      while ((await sql(url, 'SHOW full_page_writes'))[0]?.full_page_writes !== 'on');
    }
    const store = await openPostgres(url);
    expect(store.durability).toBe('disk');
    await store.close();
  });

  it('is committed to synchronously, whatever the database says', async () => {
    await withStores([{}], async ([first], url) => {
      const { schema, database } = addressOf(url);
      await commitAt(first as StoragePort, 0);
      // A deferred trigger runs when the transaction commits.
      await sql(
        url,
        `CREATE TABLE ${schema}.probe (setting text);
         CREATE FUNCTION ${schema}.probe() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO ${schema}.probe VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER probe AFTER UPDATE ON ${schema}.head DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION ${schema}.probe()`,
      );
      await sql(url, `ALTER DATABASE ${database} SET synchronous_commit = off`);
      try {
        expect((await sql(url, 'SHOW synchronous_commit'))[0]).toEqual({ synchronous_commit: 'off' });
        const store = await openPostgres(url);
        expect(await commitAt(store, 1)).toBe('committed');
        await store.close();
      } finally {
        await sql(url, `ALTER DATABASE ${database} RESET synchronous_commit`);
      }
      expect(await sql(url, `SELECT setting FROM ${schema}.probe`)).toEqual([{ setting: 'on' }]);
    });
  });

  it('is refused when a newer program made its tables', async () => {
    await withStores([{}], async (_stores, url) => {
      await sql(url, `INSERT INTO ${addressOf(url).schema}.migration (version, what) VALUES (99, 'later')`);
      await expect(openPostgres(url)).rejects.toMatchObject({
        code: 'storage_failed',
        retryable: false,
        message: expect.stringContaining('schema version 99'),
      });
    });
  });

  it('is made by one of many that start at once', async () => {
    const url = await freshLogUrl();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openPostgres(url)));
    expect(await sql(url, `SELECT version FROM ${addressOf(url).schema}.migration`)).toEqual([
      { version: 1 },
      { version: 2 },
      { version: 3 },
    ]);
    for (const store of stores) await store.close();
  });
});

describe('the rights that the runbook grants', () => {
  it('are enough to write the log, and not enough to change it', async () => {
    await withStores([{}], async ([owner], url) => {
      const { schema } = addressOf(url);
      const role = `${schema}_role`;
      const text = readFileSync(new URL('../../docs/operations/postgres.md', import.meta.url), 'utf8');
      const grants = /```sql\n(GRANT[^`]+)```/.exec(text)?.[1] ?? '';
      expect(grants).toMatch(/GRANT UPDATE/);
      await sql(url, `CREATE ROLE ${role} LOGIN PASSWORD 'p-${schema}'`);
      await sql(url, grants.replaceAll(/\bcaio\b(?=;)/g, role).replaceAll(/\bcaio\b/g, schema));
      const lesser = new URL(url);
      lesser.username = role;
      lesser.password = `p-${schema}`;
      const store = await openPostgres(lesser.href);
      try {
        expect(await commitAt(store, 0)).toBe('committed');
        const row = { key: 'f/1', value: 'x' };
        expect(await store.commit(headOf(1), { ...batchAt(1, 3), index: [row] })).toBe('committed');
        expect(await store.commit(headOf(4), { ...batchAt(4), index: [row] })).toBe('committed');
        for (const change of [
          `DELETE FROM ${schema}.blob_pack`,
          `UPDATE ${schema}.blob_pack SET bytes = ''`,
          `DELETE FROM ${schema}.head`,
          `DELETE FROM ${schema}.index_row`,
          `TRUNCATE ${schema}.index_row`,
        ]) {
          await expect(sql(lesser.href, change)).rejects.toThrow(/permission denied/);
        }
        expect(await owner?.readHead()).toEqual(headOf(5));
        const snapshot = { key: 'snapshot/1', value: 'x', bytes: Buffer.from('b') };
        const beside = { head: headOf(5), blobs: [], index: [] };
        for (let i = 0; i < 2; i += 1) {
          const kept = { ...beside, blobs: [snapshot], index: [snapshot] };
          expect(await store.commit(headOf(5), kept)).toBe('committed');
        }
        const drop = { blobs: [snapshot.key], rows: [snapshot.key] };
        expect(await store.commit(headOf(5), { ...beside, drop })).toBe('committed');
        expect(await store.readIndex(snapshot.key)).toBeUndefined();
        const vault = await postgresVault(addressOf(lesser.href), { allowVolatile: true });
        const key = { name: 'k', bytes: new Uint8Array(64) };
        for (let i = 0; i < 2; i += 1) await vault.commit({ keys: [key], puts: [{ ...key, name: 'r' }] });
        await vault.commit({ deletes: ['r'], destroyed: ['k'] });
        expect([await vault.read('r'), await vault.readKey('k')]).toEqual([undefined, undefined]);
        await vault.close();
        const rights = { vault: true };
        expect((await inspectPostgres(addressOf(lesser.href), rights)).wrong).toEqual([]);
        await sql(url, `REVOKE DELETE ON ${schema}.vault_key FROM ${role}`);
        expect((await inspectPostgres(addressOf(lesser.href), rights)).wrong).toHaveLength(1);
        expect((await inspectPostgres(addressOf(lesser.href), { vault: false })).wrong).toEqual([]);
        await sql(url, `REVOKE DELETE ON ${schema}.snapshot_blob FROM ${role}`);
        expect((await inspectPostgres(addressOf(lesser.href), { vault: false })).wrong).toHaveLength(1);
      } finally {
        await store.close();
        await sql(url, `DROP OWNED BY ${role}`);
        await sql(url, `DROP ROLE ${role}`);
      }
    });
  });
});

describe('a password', () => {
  it('stands in no message, not even of a fault that quotes it', async () => {
    const url = new URL(await freshLogUrl());
    url.password = 'hunter2-%C3%A9%24';
    const wrong = await openPostgres(url.href).catch((cause: unknown) => cause);
    expect(wrong).toMatchObject({ code: 'storage_failed', retryable: false });
    url.port = '1';
    const nobody = await openPostgres(url.href).catch((cause: unknown) => cause);
    expect(nobody).toMatchObject({ code: 'storage_failed', retryable: true });
    // A user of the same name: the server quotes it in its refusal.
    const quoting = new URL(await freshLogUrl());
    quoting.username = 'hunter2-é$';
    quoting.password = 'hunter2-é$';
    const quoted = await openPostgres(quoting.href).catch((cause: unknown) => cause);
    expect(String(quoted)).toContain('(password)');
    for (const fault of [wrong, nobody, quoted]) {
      const shown = [
        String(fault),
        JSON.stringify(fault),
        (fault as Error).stack,
        String((fault as Error).cause),
      ];
      expect(shown.join('\n')).not.toContain('hunter2');
    }
  });
});
