// Several `caio serve` on one PostgreSQL under load, while contracts, policies and keys change: two at first, a third joins, one is ended by
// kill -9 and started again. Then an independent reader walks the log: it is one log, every answer that acknowledged an entry is at its
// index, every root that any instance told is the root of that size, no decision read a state older than its index or used a key revoked
// below it, no decision stands there twice, and no payload arrived without a durable attempt.
//
//   node scripts/chaos/instances.mjs [--decisions 2000] [--clients 8] [--between 20]     (after npm run build)
//
// The database: that of CAIO_TEST_POSTGRES_URL in a schema of its own, else of a server started for this run. Exit 0: all of it holds; 1
// otherwise. --plant falsifies a record of each kind before the reader looks, so that the check is seen to fail.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startClients } from './clients.mjs';
import { findingsIn } from './findings.mjs';
import { ledgerOf, plantIn } from './ledger.mjs';
import { logDatabase } from './postgres.mjs';
import { initialise, serve } from './serve.mjs';
import { startService } from './service.mjs';

const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '2000' },
    clients: { type: 'string', default: '8' },
    between: { type: 'string', default: '20' },
    plant: { type: 'boolean', default: false },
  },
});
const decisions = Number(values.decisions);
const longestMillis = 60_000 + 20 * decisions;

const folder = mkdtempSync(join(tmpdir(), 'caio-chaos-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const database = await logDatabase();
const service = await startService();
const home = await initialise(join(folder, 'home'), database.url);
const ledger = ledgerOf(service);
const deadline = Date.now() + longestMillis;

const [first, second] = await Promise.all([joined('first'), joined('second')]);
const began = Date.now();
await acknowledged(decisions / 3);
const third = await joined('third');
await acknowledged((2 * decisions) / 3);
await second.server.kill();
await second.clients.stop();
console.error(`  second: killed at ${ledger.decisions} decisions`);
const again = await joined('second, started again');
await acknowledged(decisions);
const seconds = (Date.now() - began) / 1000;
for (const { clients } of [first, third, again]) await clients.stop();
for (const { server } of [first, third, again]) await server.kill();
await service.close();

if (values.plant) plantIn(ledger);
const found = await findingsIn(database.url, ledger, values.plant ? falsify : undefined);
await database.dispose();
const kinds = ['lost', 'contradicted', 'unannounced', 'outdated', 'repeated', 'revoked'];
for (const text of kinds.flatMap((kind) => found[kind].slice(0, 5))) console.error(`  ${text}`);
const made = ledger.decisions;
const changes = ledger.acknowledged.length - made;
console.log(
  `${made} decisions and ${changes} changes by 4 processes in ${seconds.toFixed(1)} s, ${found.entries} entries in one log: ` +
    `${found.lost.length} lost, ${found.outdated.length} on an outdated state, ${found.revoked.length} by a revoked key, ` +
    `${found.repeated.length} twice; ${ledger.roots.length} roots told, ${found.contradicted.length} contradicted; ` +
    `${ledger.payloads.length} payloads, ${found.unannounced.length} without a durable attempt`,
);
// A run in which nothing happened has shown nothing.
const idle = made < decisions || changes === 0 || ledger.payloads.length === 0 || ledger.roots.length === 0;
if (idle) console.error('not enough load: too few decisions, or no change, payload or checkpoint');
process.exit(idle || kinds.some((kind) => found[kind].length > 0) ? 1 : 0);

/** An instance with clients of its own, under load when this resolves. */
async function joined(name) {
  const server = await serve(home);
  const clients = startClients({
    url: server.url,
    adminKey: home.adminKey,
    service,
    ledger,
    count: Number(values.clients),
    between: Number(values.between),
  });
  await clients.warm;
  console.error(`  ${name}: joined at ${ledger.decisions} decisions`);
  return { server, clients };
}

async function acknowledged(count) {
  await ledger.reaches(Math.ceil(count), deadline - Date.now(), 'decisions');
  if (ledger.decisions < count) throw new Error(`only ${ledger.decisions} decisions in time`);
}

/** What the reader has to find, in what it has read. */
function falsify(entries) {
  const at = entries.findLastIndex(({ kind }) => kind === 'decision');
  const before = entries.findIndex(({ kind }) => kind === 'decision');
  const revoked = entries.find(({ kind }) => kind === 'key.revoke');
  entries[at] = { ...entries[before], asOf: entries[before].asOf - 1, caller: revoked?.id };
}
