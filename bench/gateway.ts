/**
 * Chat completions a second through POST /v1/chat/completions, against a bare proxy in front of the same service: what it costs that every request is
 * decided among ten services and certified, that its payload is committed to under a salt which is durable first, and that decision, attempt and outcome
 * are durable in the log before the answer leaves. 1, 32 and 256
 * connections; the service, the proxy and CAIO are processes of their own, loaded in turn by this one, on the same cores. Every answer is checked:
 * the completion, and through CAIO a log index of its own. Ratios of one run travel; absolute figures are of the machine that is printed.
 *
 * Build first: CAIO is the compiled one. `--quick` measures less; `--folder DIR` puts the LMDB folder there (default: the system's folder for
 * temporary files).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Load, loadInTurn } from './load.js';
import { type BenchServer, startBenchServer, stopBenchServer } from './servers.js';

const quick = process.argv.includes('--quick');
const folderAt = process.argv.indexOf('--folder');
const base = folderAt === -1 ? tmpdir() : (process.argv[folderAt + 1] as string);
const pace = quick
  ? { rounds: 1, roundMillis: 700, warmUpMillis: 500 }
  : { rounds: 4, roundMillis: 2_500, warmUpMillis: 1_500 };
type Kind = 'service' | 'proxy' | 'caio';

const question = 'What should I know before I travel by train through the mountains in winter?';
const bodies = Array.from({ length: 16 }, (_, i) =>
  JSON.stringify({
    model: 'caio:chat',
    messages: [
      { role: 'system', content: 'You are brief and kind.' },
      { role: 'user', content: `${question} (${i})` },
    ],
    max_tokens: 200,
  }),
);

function loadOf(kind: Kind): Load {
  const check: Load['check'] = (status, headers, text) => {
    if (status !== 200 || !text.includes('chatcmpl-')) throw new Error(`${kind}: ${status} ${text}`);
    if (kind === 'caio' && headers['x-caio-log-index'] === undefined)
      throw new Error('an answer without log index');
  };
  return { path: '/v1/chat/completions', bodies, check };
}

const folder = mkdtempSync(join(base, 'caio-bench-'));
const servers = new Map<Kind, BenchServer>();
const start = async (kind: Kind, ...more: string[]) => {
  const server = await startBenchServer('gateway-server.ts', [kind, ...more]);
  servers.set(kind, server);
  return server;
};
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, LMDB in ${base}`);
  const { url } = await start('service');
  await start('proxy', url);
  await start('caio', url, join(folder, 'caio'));
  for (const connections of [1, 32, 256]) {
    const measured = await loadInTurn(servers, loadOf, connections, pace);
    const [service, proxy, caio] = [measured('service'), measured('proxy'), measured('caio')];
    const share = ((100 * caio.perSecond) / proxy.perSecond).toFixed(1);
    const times = [0.5, 0.99].map(
      (q) => `${caio.at(q).toFixed(2)} (${(caio.at(q) - proxy.at(q)).toFixed(2)} more)`,
    );
    console.log(
      `${connections} connections: service ${service.perSecond.toFixed(0)}/s, proxy ${proxy.perSecond.toFixed(0)}/s, caio ${caio.perSecond.toFixed(0)}/s, ` +
        `${share} % of the proxy; p50 ${times[0]} ms, p99 ${times[1]} ms`,
    );
  }
} finally {
  for (const server of servers.values()) await stopBenchServer(server);
  rmSync(folder, { recursive: true, force: true });
}
