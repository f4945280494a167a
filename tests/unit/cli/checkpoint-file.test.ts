import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CheckpointFile, refuseDiscontinued } from '../../../src/cli/checkpoint-file.js';
import { batchOf } from '../../../src/log/batch.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { type ErasureEntry, entryType } from '../../../src/log/entry.js';
import type { StoragePort } from '../../../src/log/port.js';
import { headOf, type Published, publish } from '../../../src/log/published.js';
import { emptyFrontier } from '../../../src/log/tlog/frontier.js';
import { signingKeyOf, verifierKeyDocument } from '../../../src/proofs/signing-key.js';
import { checkpointSigner } from '../../../src/server/open-server-log.js';
import { scratchFolder } from '../../support/caio-command.js';

const made = signingKeyOf('log.example', new Uint8Array(32).fill(1));
if (!made.ok) throw new Error(made.error.message);
const key = made.value;
const entry: ErasureEntry = {
  type: entryType,
  kind: 'erasure',
  time: 1,
  author: { method: 'local', key_id: 'setup' },
  action: 'hold',
};

/** A store with the entries of these times, and the checkpoint that was published over them. */
async function storeOf(times: readonly number[]): Promise<{ storage: StoragePort; published: Published }> {
  const storage = memoryStorage();
  const { batch, frontier } = batchOf(
    times.map((time) => ({ ...entry, time })),
    emptyFrontier,
  );
  if (times.length > 0) await storage.commit(undefined, batch);
  expect(batch.head).toEqual(headOf(frontier));
  return { storage, published: publish(frontier, checkpointSigner(key)) };
}

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let file: string;
let count = 0;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.dispose());
beforeEach(() => {
  count += 1;
  file = scratch.path(`${count}.checkpoint`);
});
const refuse = (storage: StoragePort) => refuseDiscontinued(file, storage, verifierKeyDocument(key));

describe('a start against the checkpoint that was kept', () => {
  test.each([
    ['the same log', [1, 2, 3]],
    ['a log that has gone on', [1, 2, 3, 4, 5]],
  ])('goes on with %s', async (_, times) => {
    await writeFile(file, (await storeOf([1, 2, 3])).published.checkpoint);
    await refuse((await storeOf(times)).storage);
  });

  test('goes on where nothing was kept', async () => {
    await refuse((await storeOf([])).storage);
  });

  test.each([
    ['a shorter log', [1, 2], /has 2 entries, but 3 were published .*: it was rolled back/],
    ['an empty one', [], /has 0 entries, but 3 were published .*: it was rolled back/],
    [
      'one of that size with another entry',
      [1, 9, 3],
      /first 3 entries of the log are not those .*: it was changed/,
    ],
    [
      'a longer one with another entry',
      [1, 2, 9, 4, 5],
      /first 3 entries of the log are not those .*: it was changed/,
    ],
  ])('refuses %s', async (_, times, message) => {
    await writeFile(file, (await storeOf([1, 2, 3])).published.checkpoint);
    await expect(refuse((await storeOf(times)).storage)).rejects.toMatchObject({
      code: 'log_discontinued',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/Put back the newest copy/),
    });
  });

  test.each(['', 'x', 'a\nb\n\n— c AAAAAAA=\n'])(
    'refuses a file that holds no checkpoint (%j)',
    async (text) => {
      await writeFile(file, text);
      await expect(refuse((await storeOf([1])).storage)).rejects.toMatchObject({
        code: 'log_discontinued',
        message: expect.stringMatching(/holds no checkpoint of this log/),
      });
    },
  );
});

describe('the checkpoint that is kept', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A log that publishes what it is told to. */
  function publishing(first: Published) {
    const listeners = new Set<(published: Published) => void>();
    const log = {
      published: first,
      storage: memoryStorage(),
      onPublished: (listener: (published: Published) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      say: (published: Published) => {
        log.published = published;
        for (const listener of listeners) listener(published);
      },
    };
    return log;
  }
  const kept = () => readFile(file, 'utf8');

  test('is the one at hand at first, the last one a second later, and the last one at the end', async () => {
    const checkpoints = await Promise.all(
      [1, 2, 3, 4].map((n) => storeOf(Array.from({ length: n }, (_, i) => i))),
    );
    const [one, two, three, four] = checkpoints.map(({ published }) => published) as [
      Published,
      Published,
      Published,
      Published,
    ];
    const log = publishing(one);
    const keeper = new CheckpointFile(file, log, (cause) => {
      throw cause;
    });
    await keeper.start();
    expect(await kept()).toBe(one.checkpoint);
    log.say(two);
    log.say(three);
    await vi.advanceTimersByTimeAsync(999);
    expect(await kept()).toBe(one.checkpoint);
    await vi.advanceTimersByTimeAsync(1);
    await vi.waitFor(async () => expect(await kept()).toBe(three.checkpoint));
    log.say(four);
    await keeper.stop();
    expect(await kept()).toBe(four.checkpoint);
    expect((await readdir(scratch.path('.'))).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('that cannot be kept stops a start', async () => {
    const { published } = await storeOf([1]);
    const nowhere = new CheckpointFile(scratch.path('no/such/checkpoint'), publishing(published), () => {});
    await expect(nowhere.start()).rejects.toMatchObject({ code: 'io_failed' });
  });

  test('that cannot be kept later is told, and tried again', async () => {
    const [one, two] = await Promise.all([storeOf([1]), storeOf([1, 2])]);
    const folder = scratch.path('comes-and-goes');
    await mkdir(folder);
    file = `${folder}/checkpoint`;
    const failures: unknown[] = [];
    const log = publishing(one.published);
    const keeper = new CheckpointFile(file, log, (cause) => failures.push(cause));
    await keeper.start();
    await rm(folder, { recursive: true });
    log.say(two.published);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(failures).toMatchObject([{ code: 'io_failed' }]));
    await mkdir(folder);
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1000);
      expect(await kept()).toBe(two.published.checkpoint);
    });
    await keeper.stop();
  });
});
