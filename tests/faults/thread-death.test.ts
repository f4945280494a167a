import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lmdbStorage } from '../../src/log/drivers/lmdb.js';
import { lmdbThreadStorage } from '../../src/log/drivers/lmdb-thread.js';
import type { Head } from '../../src/log/port.js';
import { folderVault } from '../../src/server/openings/folder-vault.js';
import { threadVault } from '../../src/server/openings/thread-vault.js';
import { wrappedKeyBytes } from '../../src/server/openings/vault-port.js';
import { scratchFolder } from '../support/caio-command.js';
import { type Death, dyingThread, withSmallHeaps } from '../support/dying-thread.js';
import { faultyStorage } from '../support/faulty-storage.js';
import { filesWith } from '../support/folder-bytes.js';
import { checkLedger, Ledger, workload } from './log-ledger.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch.dispose());

describe('a log whose thread dies', () => {
  /** Runs the workload on a store whose thread dies as told, and lets another reader look. Gives how many calls there were. */
  async function runWith(name: string, ...deaths: readonly Death[]): Promise<number> {
    const folder = scratch.path(name);
    const thread = dyingThread('log', folder);
    const storage = faultyStorage(await lmdbThreadStorage(folder, thread.module));
    thread.plan(...deaths);
    const ledger = new Ledger();
    await workload(storage, ledger);
    expect([thread.left(), thread.starts()], name).toEqual([0, 1 + deaths.length]);
    await storage.close();
    const reader = await lmdbStorage(folder);
    await checkLedger(reader, ledger);
    await reader.close();
    return storage.calls.length;
  }

  it.each(['before', 'after'] as const)(
    'at any of its calls (%s its work) goes on: nothing acknowledged is lost, nothing is forked or doubled',
    async (when) => {
      const calls = await runWith('sound');
      expect(calls).toBeGreaterThan(20);
      for (let skip = 0; skip < calls; skip += 1) {
        await runWith(`dies-at-${skip}`, { call: 'any', skip, when, how: skip % 2 === 0 ? 'exit' : 'throw' });
      }
      console.log(`${calls} threads died ${when} what they were asked`);
    },
    180_000,
  );

  it.each(['before', 'after'] as const)(
    'at commit after commit, the ones that begin anew too (%s they are done), loses nothing',
    async (when) => {
      const again: Death = { call: 'commit', when, how: 'exit' };
      await runWith(
        'again',
        again,
        { call: 'begin', when, how: 'exit' },
        again,
        { ...again, skip: 1 },
        again,
      );
    },
  );
});

// The lmdb package does not let such a thread end (ADR-0017): the process has to be ended.
describe('a process whose thread ended in the middle of a transaction', () => {
  it('leaves the commit before, whole, and a folder to go on with', async () => {
    const folder = scratch.path('log');
    const child = spawn(process.execPath, ['tests/fixtures/storage/ends-in-transaction.mjs', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await ended;
    const store = await lmdbStorage(folder);
    const head = await store.readHead();
    expect(head?.size).toBe(1);
    expect(await store.readBlobs(['entry/1', 'entry/2'])).toEqual([expect.anything(), undefined]);
    expect(await store.commit(head, { head: { ...head, size: 2 } as Head, blobs: [], index: [] })).toBe(
      'committed',
    );
    await store.close();
  });
});

describe('a vault whose thread dies', () => {
  const key = (name: string) => ({ name, bytes: randomBytes(wrappedKeyBytes) });
  const gone = { name: 'Fault', code: 'vault_failed', retryable: true };

  it.each([
    { when: 'before', how: 'exit' },
    { when: 'before', how: 'memory' },
    { when: 'within', how: 'exit' },
    { when: 'after', how: 'exit' },
    { when: 'after', how: 'throw' },
  ] as const)(
    '$when a commit, by $how: keys are whole or nowhere, and the commit can be repeated',
    async (death) => {
      const folder = scratch.path('vault');
      const thread = dyingThread('vault', folder);
      const store = await withSmallHeaps(() => threadVault(folder, thread.module));
      const [old, kept, made, last] = [key('s/1'), key('s/2'), key('t/1'), key('t/2')];
      await store.commit({ keys: [old, kept] });
      thread.plan({ call: 'commit', ...death });
      const change = {
        destroyed: ['s/1'],
        keys: [made, last],
        puts: [{ name: 'r', bytes: Buffer.from('row') }],
      };
      await expect(store.commit(change)).rejects.toMatchObject(gone);
      const stored = death.when === 'after';
      expect((await store.read('r')) !== undefined).toBe(stored);
      for (const { name, bytes } of [made, last]) {
        expect(await store.readKey(name)).toEqual(stored ? Uint8Array.from(bytes) : undefined);
        expect(filesWith(folder, bytes)).toHaveLength(stored ? 1 : 0);
      }
      expect(await store.readKey('s/2')).toEqual(Uint8Array.from(kept.bytes));
      await store.commit(change);
      expect(await store.scanKeys({ prefix: '', limit: 9 })).toEqual(['s/2', 't/1', 't/2']);
      expect(filesWith(folder, old.bytes)).toEqual([]);
      await store.close();
      expect([thread.left(), thread.starts()]).toEqual([0, 2]);
      await (await folderVault(folder)).close();
    },
  );
});
