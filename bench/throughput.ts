/**
 * Durable decisions a second through POST /api/v1/route (100 services, 50 rules), as a share of an empty Fastify route that takes the same bodies, and
 * what the durable commit adds to the latency: p50 and p99 over LMDB less those over memory, at 1, 32 and 256 connections. The three servers are
 * processes of their own and are loaded in turn, several rounds, by this process, on the same cores. Every answer is checked: a decision with an index
 * of its own. Ratios of one run travel; absolute figures are of the machine that is printed.
 *
 * Build first: the servers are the compiled ones. `--quick` measures less; `--folder DIR` puts the LMDB folder there (default: the system's folder for
 * temporary files).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRequest } from '../src/contracts/format-request.js';
import { benchInputs } from './decide-world.js';
import { type Load, loadInTurn } from './load.js';
import { type BenchServer, startBenchServer, stopBenchServer } from './servers.js';

const quick = process.argv.includes('--quick');
const folderAt = process.argv.indexOf('--folder');
const base = folderAt === -1 ? tmpdir() : (process.argv[folderAt + 1] as string);
const pace = quick
  ? { rounds: 1, roundMillis: 700, warmUpMillis: 300 }
  : { rounds: 4, roundMillis: 2_500, warmUpMillis: 1_500 };
const kinds = ['empty', 'memory', 'lmdb'] as const;
type Kind = (typeof kinds)[number];

const bodies = benchInputs(64).map(({ request }) => formatRequest({ request }));
const indexes = new Map<Kind, Set<unknown>>(kinds.map((kind) => [kind, new Set()]));

function loadOf(kind: Kind): Load {
  const seen = indexes.get(kind) as Set<unknown>;
  const check: Load['check'] = (status, headers, text) => {
    if (status !== 200) throw new Error(`${kind}: ${status} ${text}`);
    if (kind === 'empty') return;
    const index = headers['x-caio-log-index'];
    if (index === undefined || seen.has(index)) throw new Error(`${kind}: log index ${index} twice, or none`);
    seen.add(index);
  };
  return { path: '/api/v1/route', bodies, check };
}

const folder = mkdtempSync(join(base, 'caio-bench-'));
const servers = new Map<Kind, BenchServer>();
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, LMDB in ${base}`);
  for (const kind of kinds) {
    servers.set(kind, await startBenchServer('throughput-server.ts', [kind, join(folder, 'log')]));
  }
  for (const connections of [1, 32, 256]) {
    const measured = await loadInTurn(servers, loadOf, connections, pace);
    const [empty, memory, lmdb] = [measured('empty'), measured('memory'), measured('lmdb')];
    const rates = kinds.map((kind) => `${kind} ${measured(kind).perSecond.toFixed(0)}/s`).join(', ');
    const share = ((100 * lmdb.perSecond) / empty.perSecond).toFixed(1);
    const whole = [0.5, 0.99].map((q) => lmdb.at(q).toFixed(2)).join('/');
    const added = [0.5, 0.99].map((q) => (lmdb.at(q) - memory.at(q)).toFixed(2)).join('/');
    console.log(
      `${connections} connections: ${rates}; durable ${share} % of empty; p50/p99 ${whole} ms, of which the commit ${added} ms`,
    );
  }
} finally {
  for (const server of servers.values()) await stopBenchServer(server);
  rmSync(folder, { recursive: true, force: true });
}
