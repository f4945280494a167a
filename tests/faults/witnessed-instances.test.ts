import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cosignedNote } from '../../src/log/cosigned-row.js';
import { CaioClient } from '../../src/sdk/client.js';
import { openCheckpoint } from '../../src/verifier/log-checkpoint.js';
import { chatRequest, wireContract } from '../fixtures/server/running-server.js';
import { caio, scratchFolder } from '../support/caio-command.js';
import { freshLogUrl, noPostgres, sql } from '../support/postgres-server.js';
import { type Served, serve, serveWitness } from '../support/served.js';
import { type WitnessRelay, witnessRelay } from '../support/witness-relay.js';

interface TestWitness {
  readonly name: string;
  readonly key: string;
  readonly configuration: string;
  readonly relay: WitnessRelay;
  served: Served;
}

const quorum = 2;
const mostDecisions = 600;

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
const witnesses: TestWitness[] = [];
/** Two processes of `caio serve` on one database. */
const instances: Served[] = [];
let url = '';
let admin = '';
let vkey = '';
const file = (name: string): string => scratch.path(name);

/** Each instance keeps its checkpoint on a disk of its own, and its configuration tells the relays who asks. */
const start = (i: number) =>
  serve(file(`home/${i}.yaml`), { LOG_URL: url, CAIO_CHECKPOINT: file(`instance-${i}.checkpoint`) });
const instance = (i: number): Served => instances[i] as Served;
const client = (i: number) => new CaioClient({ url: instance(i).url, key: admin });
/** The index of a decision that this instance made. */
const decide = async (i: number): Promise<number> => {
  const { decision_id: id } = await client(i).route(chatRequest as never);
  return (await client(i).trace(id)).log_index;
};
const get = async (i: number, path: string) => {
  const response = await fetch(instance(i).url + path, { headers: { authorization: `Bearer ${admin}` } });
  return response.text();
};
const keysOf = (of: readonly TestWitness[]) => of.map(({ key }) => key);
const schemaOf = (at: string) => new URL(at).searchParams.get('schema');
/** What an instance shows as cosigned: verified for the quorum, and nobody twice. `undefined` before the first. */
async function cosigned(i: number) {
  const note = await get(i, '/log/checkpoint');
  if (note.split('— ').length < 2 + quorum) return undefined;
  const opened = await openCheckpoint(note, vkey, keysOf(witnesses), quorum);
  const names = [...note.matchAll(/^— (\S+) /gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
  return { size: opened.size, note, names: opened.witnesses.map(({ name }) => name) };
}

/** Looks again until the condition holds, with a decision between two looks; so it is bounded by them, not by time. */
async function deciding<T>(what: string, look: () => Promise<T | undefined>, by = [0, 1]): Promise<T> {
  for (let made = 0; made < mostDecisions; made += by.length) {
    const found = await look();
    if (found !== undefined) return found;
    await Promise.all(by.map(decide));
  }
  throw new Error(`${what} did not come with ${mostDecisions} decisions`);
}
/** Looks again until the condition holds, while nothing is decided. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
/** Both show a cosigned checkpoint that covers the index. */
const bothCover = (index: number, by: readonly number[] = [0, 1]) =>
  until(`a cosigned checkpoint over ${index}`, async () => {
    const shown = await Promise.all(by.map(cosigned));
    return shown.every((each) => each !== undefined && each.size > index) ? shown : undefined;
  });

async function makeWitness(name: string): Promise<TestWitness> {
  const made = await caio([
    'witness',
    'init',
    file(name),
    '--name',
    `${name}.example`,
    '--log',
    vkey,
    '--json',
  ]);
  const { verifier_key: key, configuration } = JSON.parse(made.out);
  const served = await serveWitness(configuration);
  return { name: `${name}.example`, key, configuration, served, relay: await witnessRelay(served.url) };
}

beforeEach(({ skip }) => {
  if (noPostgres !== undefined) skip(noPostgres);
});
beforeAll(async () => {
  scratch = await scratchFolder();
  if (noPostgres !== undefined) return;
  url = await freshLogUrl();
  const made = await caio([
    'init',
    file('home'),
    '--name',
    'caio.example',
    '--postgres',
    'env:LOG_URL',
    '--json',
  ]);
  vkey = JSON.parse(made.out).verifier_key;
  admin = (await readFile(file('home/admin.key'), 'utf8')).trim();
  witnesses.push(...(await Promise.all(['one', 'two', 'three'].map(makeWitness))));
  const text = await readFile(file('home/caio.yaml'), 'utf8');
  for (const i of [0, 1]) {
    const listed = witnesses.map(({ relay, key }) => `  - url: ${relay.url}/${i}\n    key: ${key}\n`);
    await writeFile(file(`home/${i}.yaml`), `${text}witnesses:\n${listed.join('')}quorum: ${quorum}\n`);
  }
  for (let i = 0; i < 2; i += 1) instances.push(await start(i));
  await client(0).register(wireContract('svc') as never);
}, 60_000);
afterAll(async () => {
  for (const each of instances) await each.kill();
  for (const { served, relay } of witnesses) {
    await relay.close();
    await served.kill();
  }
  await scratch.dispose();
});

describe('two instances on one log, with three witnesses', () => {
  test('both show checkpoints that a quorum has cosigned, each going on while the other does', async () => {
    const shown: number[][] = [[], []];
    await deciding('five checkpoints from each', async () => {
      for (const i of [0, 1]) {
        const now = await cosigned(i);
        if (now !== undefined && now.size !== shown[i]?.at(-1)) shown[i]?.push(now.size);
      }
      return shown.every((sizes) => sizes.length >= 5) ? shown : undefined;
    });
    for (const sizes of shown) expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const last = Math.max(await decide(0), await decide(1));
    const [one, other] = await bothCover(last);
    expect(one?.size).toBe(other?.size);
    // Kept once, for all of them.
    await until('what they share', async () => {
      const text = `SELECT value FROM ${schemaOf(url)}.index_row WHERE folder = 'cosigned/'`;
      const [row, ...more] = await sql(url, text);
      expect(more).toEqual([]);
      const note = cosignedNote(String(row?.value)) ?? '';
      const { size } = await openCheckpoint(note, vkey, keysOf(witnesses), quorum);
      return size === one?.size ? size : undefined;
    });
  });

  test('one of them is killed while it submits; the other goes on, and it does when it is back', async () => {
    const [witness] = witnesses as [TestWitness];
    const answer = witness.relay.keepAnswerTo('/1');
    const kept = await deciding('a submission', () => Promise.race([answer, Promise.resolve(undefined)]));
    // The witness has cosigned it; nobody was told.
    await instance(1).kill();
    expect(kept).toMatchObject({ from: '/1', status: 200 });
    await bothCover(await decide(0), [0]);
    instances[1] = await start(1);
    await bothCover(await decide(1));
  });

  test('a witness is killed and comes back with what it has seen', async () => {
    const [, witness] = witnesses as [TestWitness, TestWitness];
    await witness.served.kill();
    const seen = Math.max(
      ...witness.relay.passed.filter(({ status }) => status === 200).map(({ size }) => size),
    );
    await bothCover(Math.max(await decide(0), await decide(1)));
    witness.served = await serveWitness(witness.configuration);
    witness.relay.target = witness.served.url;
    const first = witness.relay.passed.length;
    const again = await deciding('its cosignature', async () =>
      witness.relay.passed.slice(first).find(({ status }) => status === 200),
    );
    expect(again.oldSize).toBe(seen);
    await deciding('its name on a checkpoint of each', async () => {
      const both = await Promise.all([0, 1].map(cosigned));
      return both.every((each) => each?.names.includes(witness.name)) ? both : undefined;
    });
  });

  test('no witness was ever shown a rollback or another history, or asked in vain without end', async () => {
    const roots = new Map<number, string>();
    for (const { relay } of witnesses) {
      const statuses = relay.passed.map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
      const cosignedSizes = relay.passed.filter(({ status }) => status === 200).map(({ size }) => size);
      expect(cosignedSizes).toEqual([...cosignedSizes].sort((a, b) => a - b));
      expect(statuses.filter((status) => status === 409).length).toBeLessThan(2 * cosignedSizes.length);
      for (const { size, root } of relay.passed) {
        expect(roots.get(size) ?? root).toBe(root);
        roots.set(size, root);
      }
    }
    for (const i of [0, 1]) {
      const metrics = await get(i, '/metrics');
      const results = [...metrics.matchAll(/caio_witness_submissions_total\{.*result="(\w+)"/g)];
      expect(results.map(([, result]) => result)).toContain('cosigned');
      for (const [line, result] of results)
        expect(['cosigned', 'overtaken', 'failed'], line).toContain(result);
    }
    const sound = await caio(['log', 'fsck', '--postgres', 'env:LOG_URL'], { LOG_URL: url });
    expect(sound).toMatchObject({ code: 0, out: expect.stringContaining('is sound') });
    for (const { relay, name } of witnesses) {
      const counts = [200, 409].map(
        (wanted) => relay.passed.filter(({ status }) => status === wanted).length,
      );
      console.log(`${name}: ${counts[0]} cosigned, ${counts[1]} told its size`);
    }
  });
});
