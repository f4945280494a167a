import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../../src/kernel/result.js';
import { lmdbRepair, lmdbStorage } from '../../../src/log/drivers/lmdb.js';
import { lmdbReading } from '../../../src/log/drivers/lmdb-reading.js';
import { type AccessEntry, entryType } from '../../../src/log/entry.js';
import { checkStore } from '../../../src/log/fsck/check-store.js';
import { openLog } from '../../../src/log/open-log.js';
import { attempt, author, contractPut, decision, genesis, outcome, signer } from './entries.js';

let folder: string;
const decisions = 270;
const id = (n: number): string => String(n).padStart(64, '0');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caio-test-'));
  const storage = await lmdbStorage(folder);
  const log = await openLog({ storage, buildSnapshot: () => ok(undefined), signer }, genesis);
  if (!log.ok) throw new Error('the log did not open');
  await log.value.appendState(() => ok([contractPut('s')]));
  const asOf = log.value.view.folded.state.as_of;
  for (let n = 0; n < decisions; n += 1) await log.value.appendDecision(decision(id(n), asOf));
  const access: AccessEntry = { type: entryType, kind: 'access', time: 5, author, what: 'audit' };
  await log.value.appendEvents([attempt(id(1), 's'), { ...outcome('s', 'failed'), decision: id(1) }, access]);
  await storage.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check() {
  const store = await lmdbReading(folder);
  return checkStore(store, () => {}).finally(() => store.close());
}

type Kind = 'meta' | 'blobs' | 'index';

/** Changes a value behind the log's back; gives what takes the change back. */
async function change(
  kind: Kind,
  key: Buffer,
  to: (value: Buffer) => Buffer | undefined,
): Promise<() => Promise<void>> {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const write = async (value: (before: Buffer | undefined) => Buffer | undefined) => {
    const root = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      overlappingSync: false,
      maxDbs: 8,
      ...binary,
    });
    const database = root.openDB<Buffer, Buffer>({ name: kind, ...binary });
    const found = database.get(key);
    const before = found === undefined ? undefined : Buffer.from(found);
    const after = value(before);
    if (after === undefined) database.removeSync(key);
    else database.putSync(key, after);
    await root.close();
    return before;
  };
  const before = await write((value) => to(value ?? Buffer.from('x')));
  return async () => {
    await write(() => before);
  };
}

const flip =
  (at: number) =>
  (value: Buffer): Buffer => {
    const changed = Buffer.from(value);
    changed[at % value.length] = (changed[at % value.length] as number) ^ 1;
    return changed;
  };

const digits = (n: number): string => String(n).padStart(16, '0');
const row = (rowFolder: string, rest: string): Buffer => Buffer.from(`${rowFolder}\0${rest}`);
const place = (n: number): string => `${digits(3)}.${digits(n + 2)}`;

describe('a sound store', () => {
  it('has no findings', async () => {
    const { head, findings } = await check();
    expect(findings).toEqual([]);
    expect(head?.size).toBe(decisions + 5);
  });

  it('is read beside nobody but a writer of another process', async () => {
    const storage = await lmdbStorage(folder);
    await expect(lmdbReading(folder)).rejects.toThrow(`is open in process ${process.pid}, this one`);
    await storage.close();
    await expect(lmdbReading(join(folder, 'none'))).rejects.toThrow('there is no data.mdb in it');
  });
});

describe('a flipped bit is found', () => {
  it.each([
    ['the first entry', 'blobs', `entry/${digits(0)}`, /entry_changed|entry_malformed/],
    ['a decision', 'blobs', `entry/${digits(100)}`, /entry_changed|entry_malformed/],
    ['the last entry', 'blobs', `entry/${digits(decisions + 4)}`, /entry_changed|entry_malformed/],
    ['the hash of an entry', 'blobs', `hash/0/${digits(7)}`, /^hash_wrong$/],
    ['a hash above', 'blobs', `hash/1/${digits(0)}`, /^hash_wrong$/],
    ['a tile', 'blobs', `tile/0/${digits(0)}`, /^tile_wrong$/],
    ['the row of a decision', 'index', `decision/\0${id(3)}`, /^row_wrong$/],
    ['a row of a trace', 'index', `trace/${id(1)}/\0${digits(decisions + 2)}`, /^row_wrong$/],
    ['a row of the fold', 'index', `fold/\0${digits(1)}`, /^row_wrong$/],
    ['a row of a kind', 'index', `kind/decision/\0${digits(9)}`, /^row_wrong$/],
    ['a row of all traces', 'index', `traces/*/*/*/\0${place(5)}`, /^row_wrong$/],
    ['a row of a tenant', 'index', `traces/acme/*/refused/\0${place(5)}`, /^row_wrong$/],
    ['a row of failures', 'index', `traces/*/s/failed/\0${place(1)}`, /^row_wrong$/],
    ['a row of attempts', 'index', `attempts/s/\0${digits(6)}.${digits(decisions + 2)}`, /^row_wrong$/],
  ] as const)('in %s', async (_, kind, key, code) => {
    for (const at of [0, 11, 31]) {
      const restore = await change(kind, Buffer.from(key), flip(at));
      const { findings, rewrites } = await check();
      expect(findings.map((finding) => finding.code).join()).toMatch(code);
      // Nothing is derived from an entry that is not the one that was hashed.
      if (key.startsWith('entry/')) expect(rewrites).toEqual([]);
      await restore();
    }
    expect((await check()).findings).toEqual([]);
  });

  it('in the head', async () => {
    const codes = new Set<string>();
    const length = JSON.stringify({ root: '0'.repeat(64), size: decisions + 5 }).length;
    for (let at = 0; at < length; at += 1) {
      const restore = await change('meta', Buffer.from('head'), flip(at));
      const { findings } = await check();
      expect(findings, `byte ${at}`).not.toEqual([]);
      for (const { code } of findings) codes.add(code);
      await restore();
    }
    expect([...codes]).toContain('head_unreadable');
    expect([...codes]).toContain('root_wrong');
  });
});

describe('what is missing, or there without reason', () => {
  const gone = () => undefined;
  it.each([
    ['an entry', 'blobs', `entry/${digits(50)}`, 'entry_missing'],
    ['a hash', 'blobs', `hash/0/${digits(50)}`, 'hash_missing'],
    ['a tile', 'blobs', `tile/0/${digits(0)}`, 'tile_missing'],
    ['a row', 'index', row('kind/access/', digits(decisions + 4)).toString(), 'row_missing'],
  ] as const)('%s that is gone is found', async (_, kind, key, code) => {
    const restore = await change(kind, Buffer.from(key), gone);
    expect((await check()).findings).toContainEqual(expect.objectContaining({ code }));
    await restore();
  });

  it.each([
    ['an entry beyond the head', 'blobs', `entry/${digits(9999)}`, 'blob_unknown'],
    ['a tile beyond the head', 'blobs', `tile/0/${digits(1)}`, 'blob_unknown'],
    ['a blob of no kind', 'blobs', 'anything', 'blob_unknown'],
    ['a row of another tenant', 'index', `traces/other/*/*/\0${place(5)}`, 'row_unknown'],
    ['a failure that was none', 'index', `traces/acme/*/failed/\0${place(5)}`, 'row_unknown'],
    ['a row of no folder', 'index', 'x', 'row_unknown'],
  ] as const)('%s is found', async (_, kind, key, code) => {
    const restore = await change(kind, Buffer.from(key), () => Buffer.from(id(5)));
    expect((await check()).findings.map((finding) => finding.code)).toEqual([code]);
    await restore();
  });
});

describe('repair', () => {
  it('writes hashes, tiles and rows anew from the entries, in one transaction, and never an entry', async () => {
    for (const key of [`hash/0/${digits(3)}`, `tile/0/${digits(0)}`])
      await change('blobs', Buffer.from(key), flip(1));
    await change('index', Buffer.from(`kind/decision/\0${digits(9)}`), () => undefined);
    await change('index', Buffer.from(`traces/other/*/*/\0${place(5)}`), () => Buffer.from(id(5)));
    const { head, findings, rewrites } = await check();
    expect(findings.map(({ code }) => code).sort()).toEqual([
      'hash_wrong',
      'row_missing',
      'row_unknown',
      'tile_wrong',
    ]);
    const store = await lmdbRepair(folder);
    const entry = { kind: 'blob', key: `entry/${digits(0)}`, bytes: Buffer.from('x') } as const;
    await expect(store.rewrite(head, [entry])).rejects.toThrow(/was written with other bytes/);
    expect(await store.rewrite(undefined, rewrites)).toBe('conflict');
    expect(await store.rewrite(head, rewrites)).toBe('written');
    await store.close();
    expect((await check()).findings).toEqual([]);
  });
});
