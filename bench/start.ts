/**
 * How long a log takes to open: every entry read, hashed and folded, against going on from a state snapshot that stands at the head or a given number
 * of entries behind it. 100,000 entries of which one in a hundred is a contract of 1,000 services, a third are outcomes and the rest decisions of
 * about 1.5 KB with an attempt, in LMDB. The states are checked to be the same before anything counts. `--quick` has 10,000 entries.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../src/contracts/certificate.js';
import { batchOf } from '../src/log/batch.js';
import { lmdbStorage } from '../src/log/drivers/lmdb.js';
import { entryType, type LogEntry } from '../src/log/entry.js';
import { openLog } from '../src/log/open-log.js';
import type { StoragePort } from '../src/log/port.js';
import { beginning, foldedOf, readOn } from '../src/log/position.js';
import { headOf } from '../src/log/published.js';
import { encodeSnapshot } from '../src/log/snapshot-codec.js';
import { emptyFrontier } from '../src/log/tlog/frontier.js';
import { writeSnapshot } from '../src/log/write-snapshot.js';
import { buildSnapshot } from '../src/orchestrator/snapshot.js';
import { signingKeyOf, verifierKeyOf } from '../src/proofs/signing-key.js';
import { benchState } from './decide-world.js';

const entries = process.argv.includes('--quick') ? 10_000 : 100_000;
const behind = [0, entries / 10];
const rounds = 5;

const made = signingKeyOf('bench.example', new Uint8Array(32).fill(3));
if (!made.ok) throw new Error(made.error.message);
const key = made.value;
const signer = { name: key.name, hash: key.hash, sign: (text: string) => key.sign(Buffer.from(text)) };
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const world = benchState(1_000, 50);
const author = { method: 'local', key_id: 'setup' } as const;

function entry(n: number): LogEntry {
  const common = { type: entryType, time: n + 1 } as const;
  const contract = world.contracts[Math.floor(n / 100) % world.contracts.length];
  if (n === 0) {
    const { parameters } = world;
    return { ...common, kind: 'genesis', origin: key.name, verifier_key: verifierKeyOf(key), parameters };
  }
  if (n % 100 === 1 && contract !== undefined) return { ...common, kind: 'contract.put', author, contract };
  const service = { service: contract?.id ?? '', version: '1.0.0', contract: '0'.repeat(64) };
  const id = n.toString(16).padStart(64, '0');
  if (n % 3 === 0) {
    const measured = { result: n % 20 === 0 ? 'failed' : 'answered', latency_micros: n } as const;
    const verdicts = [{ property: 'latency_p95_micros', bound: 5_000_000, held: true }];
    return { ...common, kind: 'outcome', decision: id, rank: 0, service, measured, verdicts };
  }
  const inputs = { caller: { tenant: 'acme' }, time: n + 1, state: { as_of: 1 }, filler: 'x'.repeat(1_200) };
  const outcome = { decision: 'routed', selected: service };
  const certificate = { id, inputs, outcome } as unknown as Certificate;
  return { ...common, kind: 'decision', certificate, attempt: { rank: 0, service } };
}

async function fill(store: StoragePort): Promise<void> {
  let frontier = emptyFrontier;
  while (frontier.size < entries) {
    const { size } = frontier;
    const count = Math.min(1_000, entries - size);
    const appending = batchOf(
      Array.from({ length: count }, (_, i) => entry(size + i)),
      frontier,
    );
    await store.commit(size === 0 ? undefined : headOf(frontier), appending.batch);
    frontier = appending.frontier;
  }
}

/** Keeps a snapshot at that size, as if the log had ended there. */
async function keep(store: StoragePort, size: number): Promise<number> {
  const position = await readOn(store, beginning(), size);
  if (position === undefined) throw new Error('not read');
  const started = performance.now();
  const { root } = headOf(position.frontier);
  const keepable = {
    folded: foldedOf(position),
    attempts: position.attempts.counts,
    latestDecision: position.decided.latest,
    root,
  };
  await writeSnapshot(store, keepable, signer, nextTurn);
  return performance.now() - started;
}

interface Measured {
  readonly took: number;
  readonly digest: string;
}

/** Milliseconds to open, and a digest of the state that was come to. The check in the background has no turn. */
async function measure(store: StoragePort, snapshots: boolean): Promise<Measured> {
  const warn = (message: string) => {
    throw new Error(message);
  };
  const options = { every: entries, pause: () => new Promise<void>(() => {}), warn };
  const started = performance.now();
  const log = await openLog(
    { storage: store, buildSnapshot, signer, ...(snapshots ? { snapshots: options } : {}) },
    entry(0) as Extract<LogEntry, { kind: 'genesis' }>,
  );
  const took = performance.now() - started;
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  const { digest } = encodeSnapshot({
    folded: log.value.view.folded,
    attempts: new Map(),
    latestDecision: -1,
  });
  return { took, digest };
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
const folder = mkdtempSync(join(tmpdir(), 'caio-bench-'));
console.log(
  `${cpus()[0]?.model ?? 'cpu'}, ${cpus().length} cores, Node ${process.version}, ${entries} entries`,
);
try {
  const store = await lmdbStorage(join(folder, 'log'));
  await fill(store);
  const whole: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) whole.push(await measure(store, false));
  const base = median(whole.map(({ took }) => took));
  console.log(`every entry            ${base.toFixed(0).padStart(8)} ms`);
  for (const distance of behind.toReversed()) {
    const writing = await keep(store, entries - distance);
    const resumed: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) resumed.push(await measure(store, true));
    if (resumed.some(({ digest }) => digest !== whole[0]?.digest)) throw new Error('another state');
    const took = median(resumed.map((each) => each.took));
    const place = `${distance} entries behind`.padEnd(22);
    console.log(
      `${place} ${took.toFixed(0).padStart(8)} ms   1/${(base / took).toFixed(0)}   kept in ${writing.toFixed(0)} ms`,
    );
  }
  await store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
