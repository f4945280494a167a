// The main job from end to end, on loopback: real services as separate processes, decisions with their reasons, certificates
// checked from files by the independent verifier, lies that it catches although they are signed with the real key, and an audit of the whole log.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catchLies, verifyAll } from './audit.js';
import { outputFolder, projectRoot, type RunningCaio, serverLog, startCaio } from './caio.js';
import { auditLog } from './log.js';
import { endAll, killAll, start } from './processes.js';
import { healthData, hotSwap, ordinaryChat, refusedRequest } from './scenes.js';
import type { Announcement } from './services/run.js';
import { Expectations, heading, paint, say } from './terminal.js';

const started = performance.now();
const expectations = new Expectations();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}

try {
  await tell();
} catch (error) {
  expectations.check(
    'the demo ran to its end',
    false,
    error instanceof Error ? error.message : String(error),
  );
  say(serverLog());
} finally {
  await endAll();
}
process.exitCode = expectations.summarise((performance.now() - started) / 1000) ? 0 : 1;

async function tell(): Promise<void> {
  heading('CAIO starts');
  const caio = await startCaio();
  say(`  ${caio.url}, with the policies of configs/policies`);
  await registerServices(caio);

  const stage = { caio, expectations, folder: outputFolder() };
  const decisions = [
    await ordinaryChat(stage),
    await healthData(stage),
    await refusedRequest(stage),
    ...(await hotSwap(stage)),
  ];
  await verifyAll(stage, decisions);
  await catchLies(stage, decisions);
  await auditLog(stage, decisions);
}

/** One process a service; its contract says everything but the port that the system gave it. */
async function registerServices({ client }: RunningCaio): Promise<void> {
  heading('Services register by contract');
  const contracts = join(projectRoot, 'examples', 'demo', 'services');
  const ids = readdirSync(contracts)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
  await Promise.all(ids.map((id) => registerService(client, contracts, id)));
  const registered = (await client.services()).items;
  for (const { id, version, digest } of registered) {
    say(`  ${id.padEnd(10)} ${version.padEnd(7)} ${paint('dim', `contract ${digest.slice(0, 12)}…`)}`);
  }
  expectations.check(
    `${ids.length} services run as processes of their own and are registered`,
    registered.length === ids.length,
  );
}

async function registerService(client: RunningCaio['client'], contracts: string, id: string): Promise<void> {
  const script = fileURLToPath(new URL(`./services/${id}.js`, import.meta.url));
  const { found } = await start(script, [], (line) => line);
  const { url } = JSON.parse(found) as Announcement;
  const contract = readFileSync(join(contracts, `${id}.yaml`), 'utf8');
  await client.register(contract.replace(/^( {2}url: ).*$/m, `$1${url}`));
}
