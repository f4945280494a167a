// kill -9 of `caio serve` under load, again and again, on a log in an LMDB folder or in PostgreSQL. After each round an independent reader
// opens the store and holds it against what clients and the called service wrote down themselves: everything acknowledged is in the log, at the index that
// was told, every root that was told is the root of that size, and no payload arrived without a durable attempt that names it.
//
//   node scripts/chaos/kill.mjs [--rounds 20] [--seed 1] [--clients 16] [--rounds-per-log 20] [--driver lmdb|postgres]     (after npm run build)
//
// Exit 0: nothing lost, nothing contradicted, no payload unannounced; 1 otherwise. --plant adds a false record of each
// kind in the last round, so that the check is seen to fail.
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
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '16' },
    'rounds-per-log': { type: 'string', default: '20' },
    driver: { type: 'string', default: 'lmdb' },
    plant: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const random = mulberry(Number(values.seed));
const mostAcknowledged = 300;
const longestRoundMillis = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'caio-chaos-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const service = await startService();
const totals = { acknowledged: 0, roots: 0, payloads: 0 };
const kinds = ['lost', 'contradicted', 'unannounced', 'outdated', 'repeated', 'revoked'];
const wrong = Object.fromEntries(kinds.map((kind) => [kind, new Set()]));
let failed = false;
let database;
let home;
let ledger;

for (let round = 1; round <= rounds; round += 1) {
  if (home === undefined || (round - 1) % Number(values['rounds-per-log']) === 0) {
    await database?.dispose();
    database = values.driver === 'postgres' ? await logDatabase() : undefined;
    home = await initialise(join(folder, `home-${round}`), database?.url);
    ledger = ledgerOf(service);
  }
  const before = {
    acknowledged: ledger.acknowledged.length,
    payloads: ledger.payloads.length,
    roots: ledger.roots.length,
  };
  await runRound(home, ledger);
  if (round === rounds && values.plant) plantIn(ledger);
  const found = await findingsIn(home.data, ledger);
  count(found, before);
  for (const text of kinds.flatMap((kind) => found[kind]).slice(0, 10)) console.error(`  ${text}`);
  console.log(
    `round ${round}: ${ledger.acknowledged.length - before.acknowledged} acknowledged, ` +
      `${ledger.payloads.length - before.payloads} payloads, ${found.entries} entries in the log`,
  );
}
await service.close();
await database?.dispose();
console.log(
  `${rounds} rounds: ${totals.acknowledged} acknowledged, ${wrong.lost.size} lost; ${totals.roots} roots told, ` +
    `${wrong.contradicted.size} contradicted; ${totals.payloads} payloads, ${wrong.unannounced.size} without a durable attempt`,
);
// A run in which nothing happened has shown nothing.
if (totals.acknowledged === 0 || totals.payloads === 0) {
  console.error('no load: nothing was acknowledged, or no payload arrived');
  failed = true;
}
process.exit(failed ? 1 : 0);

/** Load up to a number of acknowledgements that differs each time: the kill falls anywhere in the work for the next ones. */
async function runRound(home, ledger) {
  const { adminKey } = home;
  const server = await serve(home);
  const clients = startClients({ url: server.url, adminKey, service, ledger, count: Number(values.clients) });
  await clients.warm;
  await ledger.reaches(
    ledger.acknowledged.length + Math.ceil(random() * mostAcknowledged),
    longestRoundMillis,
  );
  await server.kill();
  await clients.stop();
}

function count(found, before) {
  totals.acknowledged += ledger.acknowledged.length - before.acknowledged;
  totals.payloads += ledger.payloads.length - before.payloads;
  totals.roots += ledger.roots.length - before.roots;
  // What is wrong is found again in each later round of its log, and counts once.
  for (const kind of kinds) {
    for (const text of found[kind]) wrong[kind].add(`${home.data} ${text}`);
    failed ||= found[kind].length > 0;
  }
}

function mulberry(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
