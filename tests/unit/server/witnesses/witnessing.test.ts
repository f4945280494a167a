import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { witnessStore } from '../../../../src/cli/witness-store.js';
import { Fault } from '../../../../src/kernel/errors.js';
import { keyAlgorithm } from '../../../../src/kernel/verifier-key.js';
import { batchOf } from '../../../../src/log/batch.js';
import { cosignedNote, cosignedValue } from '../../../../src/log/cosigned-row.js';
import { memoryStorage } from '../../../../src/log/drivers/memory.js';
import { type ErasureEntry, entryType } from '../../../../src/log/entry.js';
import { headOf, type Published, publish } from '../../../../src/log/published.js';
import {
  formatAddCheckpoint,
  formatCosignatureLines,
  parseCosignatureLines,
  parseStaleSize,
} from '../../../../src/log/tlog/add-checkpoint.js';
import { emptyFrontier, type Frontier } from '../../../../src/log/tlog/frontier.js';
import {
  type SigningKey,
  signingKeyOf,
  verifierKeyDocument,
  verifierKeyOf,
} from '../../../../src/proofs/signing-key.js';
import { checkpointSigner } from '../../../../src/server/open-server-log.js';
import { formatCosigned, parseCosigned } from '../../../../src/server/witnesses/cosigned-record.js';
import type { SharedCosigned } from '../../../../src/server/witnesses/shared-cosigned.js';
import type { Submit, WitnessAddress } from '../../../../src/server/witnesses/witness-client.js';
import { Witnessing } from '../../../../src/server/witnesses/witnessing.js';
import type { WitnessEvent } from '../../../../src/server/witnesses/witnessing-options.js';
import { openCheckpoint } from '../../../../src/verifier/log-checkpoint.js';
import { Witness } from '../../../../src/witness/witness.js';

const keyOf = (name: string, byte: number, algorithm: 1 | 4): SigningKey => {
  const key = signingKeyOf(name, new Uint8Array(32).fill(byte), algorithm);
  if (!key.ok) throw new Error(key.error.message);
  return key.value;
};
const logKey = keyOf('log.example', 1, keyAlgorithm.ed25519);
const later = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));
const pace = { round: 100, backOff: { first: 1000, most: 4000 } };
const entry: ErasureEntry = {
  type: entryType,
  kind: 'erasure',
  time: 1,
  author: { method: 'local', key_id: 'setup' },
  action: 'hold',
};

/** A log that grows when it is told to. */
class GrowingLog {
  readonly storage = memoryStorage();
  readonly #firstTime: number;
  #frontier: Frontier = emptyFrontier;
  readonly #listeners = new Set<(published: Published) => void>();

  constructor(firstTime = 0) {
    this.#firstTime = firstTime;
  }

  get published(): Published {
    return publish(this.#frontier, checkpointSigner(logKey));
  }
  onPublished(listener: (published: Published) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async refresh(): Promise<void> {}
  async grow(count: number): Promise<void> {
    const before = this.#frontier.size === 0 ? undefined : headOf(this.#frontier);
    const entries = Array.from({ length: count }, (_, i) => ({
      ...entry,
      time: this.#firstTime + this.#frontier.size + i,
    }));
    const { batch, frontier } = batchOf(entries, this.#frontier);
    await this.storage.commit(before, batch);
    this.#frontier = frontier;
    for (const listener of this.#listeners) listener(this.published);
  }
}

/** What one of several instances knows of a log: what it has heard of. */
class KnownLog {
  readonly #log: GrowingLog;
  readonly #listeners = new Set<(published: Published) => void>();
  published: Published;

  constructor(of: GrowingLog) {
    this.#log = of;
    this.published = of.published;
  }

  get storage() {
    return this.#log.storage;
  }
  onPublished(listener: (published: Published) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async refresh(): Promise<void> {
    if (this.published.size === this.#log.published.size) return;
    this.published = this.#log.published;
    for (const listener of this.#listeners) listener(this.published);
  }
}

/** A witness that is asked without a network, and answers when it is let. */
class NearWitness {
  readonly address: WitnessAddress;
  readonly key: string;
  readonly asked: number[] = [];
  down = false;
  held: (() => void)[] | undefined;
  /** Each way, milliseconds. */
  away = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #witness: Witness;

  constructor(name: string, byte: number) {
    const key = keyOf(name, byte, keyAlgorithm.cosignature);
    this.key = verifierKeyOf(key);
    this.address = { url: `http://${name}`, key: verifierKeyDocument(key) };
    const logs = [verifierKeyDocument(logKey)];
    this.#witness = new Witness({ key, logs, store: witnessStore(memoryStorage()), seconds: () => 7n });
  }

  async answer(submission: Parameters<Submit>[1]): ReturnType<Submit> {
    this.asked.push(Number(submission.checkpoint.split('\n')[1]));
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      if (this.away > 0) await later(this.away);
      if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
      if (this.down) throw new Fault('unavailable', 'it is away', { retryable: true });
      const { status, body } = await this.#witness.addCheckpoint(
        Buffer.from(formatAddCheckpoint(submission)),
      );
      if (this.away > 0) await later(this.away);
      const bytes = Buffer.from(body);
      const lines = parseCosignatureLines(bytes);
      if (status === 200 && lines.ok) return { kind: 'cosigned', signatures: lines.value };
      const size = parseStaleSize(bytes);
      if (status === 409 && size.ok) return { kind: 'stale', size: size.value };
      return status === 422 ? { kind: 'inconsistent' } : { kind: 'refused', status };
    } finally {
      this.underWay -= 1;
    }
  }
}

let log: GrowingLog;
let witnesses: readonly [NearWitness, NearWitness, NearWitness];
let events: WitnessEvent[];
let saved: string[];
let witnessing: Witnessing;

function begin(quorum: number, record?: ReturnType<typeof parseCosigned>): Witnessing {
  const submit: Submit = ({ key }, submission) => {
    const witness = witnesses.find(({ address }) => address.key === key);
    if (witness === undefined) throw new Error(key.name);
    return witness.answer(submission);
  };
  witnessing = new Witnessing({
    log,
    logKey: verifierKeyDocument(logKey),
    witnesses: witnesses.map(({ address }) => address),
    quorum,
    submit,
    store: { save: async (text) => void saved.push(text) },
    pace,
    observe: (event) => events.push(event),
    ...(record === undefined ? {} : { record }),
  });
  witnessing.start();
  return witnessing;
}
/** Lets what is under way go on, and the clock with it. */
const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis);
const cosigners = async (quorum: number) => {
  const { newest } = witnessing;
  if (newest === undefined) return undefined;
  const keys = witnesses.map(({ key }) => key);
  const opened = await openCheckpoint(newest.checkpoint, verifierKeyOf(logKey), keys, quorum);
  return { size: opened.size, names: opened.witnesses.map(({ name }) => name) };
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  log = new GrowingLog();
  witnesses = [
    new NearWitness('a.example', 11),
    new NearWitness('b.example', 12),
    new NearWitness('c.example', 13),
  ];
  events = [];
  saved = [];
  await log.grow(3);
});
afterEach(async () => {
  await witnessing.stop();
  vi.useRealTimers();
});

describe('the witnessing of a log', () => {
  test('gives the newest checkpoint with the cosignatures of all, and keeps it', async () => {
    begin(3);
    await pass(0);
    expect(await cosigners(3)).toEqual({ size: 3, names: ['a.example', 'b.example', 'c.example'] });
    await log.grow(300);
    await pass(pace.round);
    expect(await cosigners(3)).toMatchObject({ size: 303 });
    const kept = parseCosigned(saved.at(-1) ?? '', verifierKeyDocument(logKey));
    expect(kept?.newest?.checkpoint).toBe(witnessing.newest?.checkpoint);
    expect([...(kept?.sizes.values() ?? [])]).toEqual([303, 303, 303]);
    expect(witnessing.submissions).toContainEqual({ witness: 'a.example', result: 'cosigned', count: 2 });
  });

  test('puts many checkpoints to the witnesses as one, and never two at once to one of them', async () => {
    begin(2);
    await pass(0);
    for (let i = 0; i < 50; i += 1) await log.grow(1);
    await pass(pace.round);
    for (const witness of witnesses) {
      expect(witness.asked).toEqual([3, 53]);
      expect(witness.mostUnderWay).toBe(1);
    }
  });

  test('does not wait for a slow witness when the others are the quorum, and takes its word later', async () => {
    const [, , slow] = witnesses;
    slow.held = [];
    begin(2);
    await pass(0);
    expect(await cosigners(2)).toEqual({ size: 3, names: ['a.example', 'b.example'] });
    for (const answer of slow.held) answer();
    slow.held = undefined;
    await pass(0);
    expect(await cosigners(3)).toEqual({ size: 3, names: ['a.example', 'b.example', 'c.example'] });
  });

  test('keeps one checkpoint before them until the quorum has met on it', async () => {
    const [, , slow] = witnesses;
    slow.held = [];
    begin(3);
    await pass(0);
    await log.grow(5);
    await pass(10 * pace.round);
    expect(witnessing.newest).toBeUndefined();
    expect(witnesses.map(({ asked }) => asked)).toEqual([[3], [3], [3]]);
    for (const answer of slow.held) answer();
    slow.held = undefined;
    await pass(pace.round);
    expect(await cosigners(3)).toMatchObject({ size: 8 });
  });

  test('asks a witness that is away later and later, and not with every round', async () => {
    const [, , away] = witnesses;
    away.down = true;
    begin(2);
    for (let second = 0; second < 16; second += 1) {
      for (let i = 0; i < 10; i += 1) {
        await log.grow(1);
        await pass(100);
      }
    }
    // At 0, 1, 3, 7, 11 and 15 seconds.
    expect(away.asked).toHaveLength(6);
    expect((await cosigners(2))?.size).toBeGreaterThan(150);
    away.down = false;
    await pass(pace.backOff.most);
    await log.grow(1);
    await pass(pace.round);
    expect(events.at(-1)).toMatchObject({ result: 'cosigned' });
    expect(away.asked.at(-1)).toBe(log.published.size);
  });

  test('begins where the run before ended, also when that run could not keep what was answered', async () => {
    begin(3);
    await pass(0);
    const old = parseCosigned(saved.at(-1) ?? '', verifierKeyDocument(logKey));
    await log.grow(4);
    await pass(pace.round);
    await witnessing.stop();
    await log.grow(2);
    begin(3, old);
    expect((await cosigners(3))?.size).toBe(3);
    await pass(0);
    expect((await cosigners(3))?.size).toBe(9);
  });

  test('says that a witness has seen more than there is, where the store was rolled back', async () => {
    begin(1);
    await pass(0);
    await witnessing.stop();
    log = new GrowingLog();
    await log.grow(2);
    events = [];
    begin(1);
    await pass(0);
    expect(events.map(({ result }) => result)).toEqual(['ahead', 'ahead', 'ahead']);
    expect(witnessing.newest).toBeUndefined();
  });

  test('says that a witness has seen another history, and goes on without its word', async () => {
    begin(1);
    await pass(0);
    await witnessing.stop();
    log = new GrowingLog(1000);
    await log.grow(4);
    events = [];
    begin(1);
    await pass(0);
    expect(events.map(({ result }) => result)).toEqual(['forked', 'forked', 'forked']);
    expect(witnessing.newest).toBeUndefined();
  });
});

describe('the witnessing of a log by several instances', () => {
  let value: string | undefined;
  const place: SharedCosigned = {
    read: async () => (value === undefined ? undefined : cosignedNote(value)),
    write: async (newest) => {
      const next = cosignedValue(newest);
      if (value === undefined || value < next) value = next;
    },
  };
  const instance = (known: KnownLog, shared: SharedCosigned | undefined): Witnessing => {
    const one = new Witnessing({
      log: known,
      logKey: verifierKeyDocument(logKey),
      witnesses: witnesses.map(({ address }) => address),
      quorum: 2,
      submit: ({ key }, submission) =>
        (witnesses.find(({ address }) => address.key === key) as NearWitness).answer(submission),
      store: { save: async () => {} },
      pace,
      observe: (event) => events.push(event),
      ...(shared === undefined ? {} : { shared }),
    });
    one.start();
    return one;
  };

  /** How far each has got, while the log grows ten times a second and the second hears of it a little later. */
  async function raced(shared: SharedCosigned | undefined, awayMillis: number, seconds = 30) {
    value = undefined;
    const known = [new KnownLog(log), new KnownLog(log)] as const;
    for (const witness of witnesses) witness.away = awayMillis;
    const both = known.map((each) => instance(each, shared));
    [witnessing] = both as [Witnessing];
    const stood = [0, 0];
    const longest = [0, 0];
    let last = [0, 0];
    for (let tenth = 0; tenth < 10 * seconds; tenth += 1) {
      await log.grow(1);
      await known[0].refresh();
      await pass(30);
      await known[1].refresh();
      await pass(70);
      const sizes = both.map(({ newest }) => newest?.size ?? 0);
      for (const i of [0, 1]) {
        expect(sizes[i]).toBeGreaterThanOrEqual(last[i] as number);
        stood[i] = sizes[i] === last[i] ? (stood[i] as number) + 1 : 0;
        longest[i] = Math.max(longest[i] as number, stood[i] as number);
      }
      last = sizes;
    }
    for (const each of both) await each.stop();
    return { sizes: last, longestSeconds: longest.map((tenths) => tenths / 10) };
  }

  test.each([
    [20, 5],
    [150, 20],
    [1000, 30],
  ])('goes on in each of them with witnesses that are %i ms away', async (away, seconds) => {
    const { sizes, longestSeconds } = await raced(place, away, seconds);
    for (const size of sizes) expect(size).toBeGreaterThan(log.published.size - 50);
    for (const stood of longestSeconds) expect(stood).toBeLessThan(5);
    const results = new Set(events.map(({ result }) => result));
    expect(results).toContain('cosigned');
    for (const alarm of ['ahead', 'forked', 'refused', 'failed']) expect(results).not.toContain(alarm);
  });

  test('would stand still in the second, which comes too late each time, if they shared nothing', async () => {
    const { sizes } = await raced(undefined, 400, 20);
    expect(sizes[0]).toBeGreaterThan(log.published.size - 50);
    expect(sizes[1]).toBe(0);
  });

  test('takes up nothing that is not cosigned by the quorum, of this log, and a beginning of it', async () => {
    const [one, two] = witnesses;
    begin(2);
    await pass(0);
    const good = witnessing.newest as Published;
    await witnessing.stop();
    const [text, signatures] = good.checkpoint.split('\n\n') as [string, string];
    const lines = signatures.split(/(?=— )/);
    const forged = new GrowingLog(1000);
    await forged.grow(3);
    for (const witness of witnesses) witness.down = true;
    const adopted = async (checkpoint: string | undefined): Promise<Published | undefined> => {
      witnessing = instance(new KnownLog(log), {
        read: async () => checkpoint,
        write: async () => {},
      });
      await pass(0);
      await witnessing.stop();
      return witnessing.newest;
    };
    expect(await adopted(good.checkpoint)).toEqual(good);
    for (const other of [
      undefined,
      '',
      'x',
      `${text}\n\n${lines[0]}`,
      `${text}\n\n${lines[0]}${lines[1]}`,
      `${text}\n\n${lines[1]}${lines[2]}`,
      `${text}\n\n${lines[0]}${lines[1]}${lines[1]}`,
      good.checkpoint.replace('\n3\n', '\n4\n'),
    ]) {
      expect([other, await adopted(other)]).toEqual([other, undefined]);
    }
    // Another history, with the signatures of all who should know better.
    const submission = { oldSize: 0, proof: [], checkpoint: forged.published.checkpoint };
    const liars = [new NearWitness('a.example', 11), new NearWitness('b.example', 12)];
    const told = await Promise.all(liars.map((liar) => liar.answer(submission)));
    const cosignatures = told.map((each) =>
      each.kind === 'cosigned' ? formatCosignatureLines(each.signatures) : '',
    );
    expect([one.key, two.key]).toEqual(liars.map(({ key }) => key));
    expect(await adopted(forged.published.checkpoint + cosignatures.join(''))).toBeUndefined();
  });
});

describe('what is kept of the cosignatures', () => {
  test('is read back, and refused when it is anything else', async () => {
    begin(1);
    await pass(0);
    const text = saved.at(-1) ?? '';
    const key = verifierKeyDocument(logKey);
    const record = parseCosigned(text, key);
    expect(record && formatCosigned(record)).toBe(text);
    const stranger = verifierKeyDocument(keyOf('log.example', 2, keyAlgorithm.ed25519));
    expect(parseCosigned(text, stranger)).toBeUndefined();
    for (const other of [
      '',
      '{}',
      '[]',
      'null',
      text.replace('v1', 'v2'),
      text.replace('"sizes":{', '"sizes":{"x":-1,'),
    ]) {
      expect([other, parseCosigned(other, key)]).toEqual([other, undefined]);
    }
  });
});
