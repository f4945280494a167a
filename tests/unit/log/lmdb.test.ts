import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf } from '../../../src/log/batch.js';
import { lmdbStorage } from '../../../src/log/drivers/lmdb.js';
import type { Batch } from '../../../src/log/port.js';
import { emptyFrontier } from '../../../src/log/tlog/frontier.js';
import {
  identityOf,
  ownIdentity,
  type ProcessIdentity,
  stateOf,
} from '../../../src/storage/process-identity.js';
import { genesis } from './entries.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caio-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const first: Batch = batchOf([genesis], emptyFrontier).batch;

const writeClaim = `
  const { open } = await import('lmdb');
  const root = open({ path: process.argv[1], noSubdir: false, overlappingSync: false, maxDbs: 8 });
  const meta = root.openDB({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
  await meta.put(Buffer.from('claim'), Buffer.from(process.argv[2]));
  await root.close();`;

/** Lets another process write a claim. */
function claimedBy(holder: ProcessIdentity, layout = 'caio/lmdb/v1'): void {
  const claim = JSON.stringify({ layout, token: 'other', holder });
  execFileSync(process.execPath, ['--input-type=module', '-e', writeClaim, folder, claim]);
}

/** A process of its own, and its identity as that process sees it. */
async function otherProcess(): Promise<{ readonly child: ChildProcess; readonly identity: ProcessIdentity }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { child, identity: identityOf(child.pid as number) };
}

describe('the claim of an LMDB folder', () => {
  it('keeps another process out while its holder runs, and names it; lets it in when it is gone', async () => {
    const { child, identity } = await otherProcess();
    claimedBy(identity);
    await expect(lmdbStorage(folder)).rejects.toMatchObject({
      code: 'storage_failed',
      retryable: false,
      message: expect.stringContaining(`is open in process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await lmdbStorage(folder);
    expect(await store.commit(undefined, first)).toBe('committed');
    await store.close();
  });

  it('keeps a second opening in the same process out too', async () => {
    const store = await lmdbStorage(folder);
    await expect(lmdbStorage(folder)).rejects.toThrow(`is open in process ${process.pid}`);
    expect(await store.commit(undefined, first)).toBe('committed');
    await store.close();
    await (await lmdbStorage(folder)).close();
  });

  it('tells a process apart from a later one of the same id, from one before a boot, and from one elsewhere', () => {
    const own = ownIdentity();
    expect(stateOf(own)).toBe('running');
    expect(stateOf({ ...own, started: '1' })).toBe('gone');
    expect(stateOf({ ...own, boot: 'an earlier one' })).toBe('gone');
    expect(stateOf({ ...own, namespace: 'pid:[1]' })).toBe('unknown');
  });

  it('is taken over where its holder cannot be seen; whoever held it writes nothing from then on, and says so', async () => {
    const store = await lmdbStorage(folder);
    await store.commit(undefined, first);
    claimedBy({ ...ownIdentity(), namespace: 'pid:[1]' });
    const next = { ...first, head: { ...first.head, size: 2 }, blobs: [] };
    for (const call of [() => store.readHead(), () => store.commit(first.head, next)]) {
      await expect(call()).rejects.toMatchObject({
        retryable: false,
        message: expect.stringMatching(/was taken over/),
      });
    }
    await store.close();
    const taking = await lmdbStorage(folder);
    expect(await taking.readHead()).toEqual(first.head);
    await taking.close();
  });

  it('refuses a folder of another layout', async () => {
    claimedBy({ ...ownIdentity(), started: '1' }, 'caio/lmdb/v9');
    await expect(lmdbStorage(folder)).rejects.toThrow('has the layout caio/lmdb/v9');
  });
});

describe('an LMDB folder that cannot be used', () => {
  it('is a fault that says why: a file in its place, or bytes that are no store', async () => {
    await writeFile(join(folder, 'file'), 'text');
    await expect(lmdbStorage(join(folder, 'file'))).rejects.toMatchObject({ code: 'storage_failed' });
    await writeFile(join(folder, 'data.mdb'), 'x'.repeat(9000));
    await expect(lmdbStorage(folder)).rejects.toThrow(/data\.mdb, which is no LMDB store/);
  });

  it('is a fault when its file was cut short', async () => {
    const store = await lmdbStorage(folder);
    const blob = { key: 'big', bytes: new Uint8Array(100_000).fill(7) };
    await store.commit(undefined, { ...first, blobs: [blob] });
    await store.close();
    await truncate(join(folder, 'data.mdb'), 65_536);
    await expect(lmdbStorage(folder)).rejects.toThrow(/data\.mdb with 65536 of its \d+ bytes/);
  });

  it('on a full disk refuses commits, keeps what it had, and goes on when there is room again', async ({
    skip,
  }) => {
    const disk = await smallDisk(join(folder, 'disk'));
    if (disk === undefined) return skip('no small file system can be mounted here: it takes root on Linux');
    try {
      const store = await lmdbStorage(join(disk.path, 'data'));
      await store.commit(undefined, first);
      await writeFile(join(disk.path, 'ballast'), Buffer.alloc(900_000));
      let { head } = first;
      const fill = async () => {
        for (;;) {
          const next = { ...head, size: head.size + 1 };
          const blob = { key: `blob/${next.size}`, bytes: new Uint8Array(20_000).fill(next.size) };
          await store.commit(head, { head: next, blobs: [blob], index: [] });
          head = next;
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: 'storage_failed', retryable: true });
      expect(head.size).toBeGreaterThan(3);
      expect(await store.readHead()).toEqual(head);
      expect(await store.readBlob(`blob/${head.size}`)).toHaveLength(20_000);
      expect(await store.readBlob(`blob/${head.size + 1}`)).toBeUndefined();
      const full = head.size;
      await rm(join(disk.path, 'ballast'));
      await expect(fill()).rejects.toMatchObject({ retryable: true });
      expect(head.size).toBeGreaterThan(full);
      await store.close();
      expect(await readdir(join(disk.path, 'data'))).toContain('data.mdb');
    } finally {
      disk.unmount();
    }
  });
});

/** A file system of 2 MB, where one may be made. */
async function smallDisk(path: string): Promise<{ readonly path: string; unmount(): void } | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('mkdir', [path]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { path, unmount: () => void execFileSync('umount', ['-l', path]) };
}
