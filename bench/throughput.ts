/**
 * Durable decisions a second through POST /api/v1/route (100 services, 50 rules), as a share of an empty Fastify route that takes the same bodies, and
 * what the durable commit adds to the latency: p50 and p99 over LMDB less those over memory, at 1, 32 and 256 connections. The three servers are
 * processes of their own and are loaded in turn, several rounds, by this process, on the same cores. Every answer is checked: a decision with an index
 * of its own. Ratios of one run travel; absolute figures are of the machine that is printed.
 *
 * Build first: the servers are the compiled ones. `--quick` measures less; `--folder DIR` puts the LMDB folder there (default: the system's folder for temporary files).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { formatRequest } from '../src/contracts/format-request.js';
import { benchInputs } from './decide-world.js';

const quick = process.argv.includes('--quick');
const folderAt = process.argv.indexOf('--folder');
const base = folderAt === -1 ? tmpdir() : (process.argv[folderAt + 1] as string);
const rounds = quick ? 1 : 4;
const roundMillis = quick ? 700 : 2_500;
const warmUpMillis = quick ? 300 : 1_500;
const connectionCounts = [1, 32, 256] as const;
const kinds = ['empty', 'memory', 'lmdb'] as const;
type Kind = (typeof kinds)[number];

interface Target {
  readonly kind: Kind;
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
}

const bodies = benchInputs(64).map(({ request }) => formatRequest({ request }));

async function start(kind: Kind, folder: string): Promise<Target> {
  const program = fileURLToPath(new URL('throughput-server.ts', import.meta.url));
  const profile = process.env.CAIO_BENCH_PROFILE === kind ? ['--cpu-prof', '--cpu-prof-dir=logs'] : [];
  const compiled = new URL('compiled.mjs', import.meta.url).href;
  const args = [...profile, '--import', 'tsx', '--import', compiled, program, kind, folder];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => undefined)]);
  if (line === undefined) throw new Error(`the server ${kind} did not start`);
  return { kind, child, ...(JSON.parse(String(line[0])) as { readonly url: string; readonly key: string }) };
}

/** Loads the target for that long from that many connections; the latency of each answer in microseconds. */
async function load(target: Target, connections: number, millis: number): Promise<readonly number[]> {
  const pool = new Pool(target.url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${target.key}`, 'content-type': 'application/json' };
  const latencies: number[] = [];
  const indexes = new Set<string>();
  const end = performance.now() + millis;
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const body = bodies[next % bodies.length] as string;
      next += 1;
      const sent = performance.now();
      const answer = await pool.request({ method: 'POST', path: '/api/v1/route', headers, body });
      const text = await answer.body.text();
      latencies.push((performance.now() - sent) * 1e3);
      if (answer.statusCode !== 200) throw new Error(`${target.kind}: ${answer.statusCode} ${text}`);
      if (target.kind !== 'empty') indexes.add(String(answer.headers['x-caio-log-index']));
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  if (target.kind !== 'empty' && indexes.size !== latencies.length) {
    throw new Error(`${latencies.length} answers, ${indexes.size} log indexes`);
  }
  return latencies;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

async function measure(targets: readonly Target[], connections: number): Promise<void> {
  const latencies = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (const target of targets) await load(target, connections, warmUpMillis);
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) {
      latencies.get(target.kind)?.push(...(await load(target, connections, roundMillis)));
    }
  }
  const rate = (kind: Kind): number => (latencies.get(kind)?.length ?? 0) / ((rounds * roundMillis) / 1e3);
  const at = (kind: Kind, q: number): number =>
    quantile(
      [...(latencies.get(kind) ?? [])].sort((a, b) => a - b),
      q,
    ) / 1e3;
  const rates = kinds.map((kind) => `${kind} ${rate(kind).toFixed(0)}/s`).join(', ');
  const share = ((100 * rate('lmdb')) / rate('empty')).toFixed(1);
  const added = [0.5, 0.99].map((q) => (at('lmdb', q) - at('memory', q)).toFixed(2)).join('/');
  const whole = [0.5, 0.99].map((q) => at('lmdb', q).toFixed(2)).join('/');
  console.log(
    `${connections} connections: ${rates}; durable ${share} % of empty; p50/p99 ${whole} ms, of which the commit ${added} ms`,
  );
}

const folder = mkdtempSync(join(base, 'caio-bench-'));
const targets: Target[] = [];
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, LMDB in ${base}`);
  for (const kind of kinds) targets.push(await start(kind, join(folder, 'log')));
  for (const connections of connectionCounts) await measure(targets, connections);
} finally {
  for (const { child } of targets) {
    child.stdin?.end();
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}
