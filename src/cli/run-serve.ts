import { openConnections } from '../gateway/connections.js';
import { secretsFrom } from '../gateway/secrets.js';
import { version } from '../kernel/version.js';
import type { Log } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import {
  parseSigningKey,
  type SigningKey,
  verifierKeyDocument,
  verifierKeyOf,
} from '../proofs/signing-key.js';
import { systemClock } from '../server/clock.js';
import { gatewayExecutor } from '../server/gateway-executor.js';
import type { JwtTrust } from '../server/identity/jwt.js';
import { readSecretFile, readTrustFile } from '../server/identity/key-file.js';
import { parseKeySet } from '../server/identity/key-set.js';
import { startSweeper } from '../server/openings/sweeper.js';
import type { Vault } from '../server/openings/vault.js';
import { pooledRandom } from '../server/random.js';
import { type CaioServer, createServer } from '../server/server.js';
import type { Witnessing } from '../server/witnesses/witnessing.js';
import { CheckpointFile } from './checkpoint-file.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import { type CommandIo, tell } from './io.js';
import { openConfiguredLog } from './open-log.js';
import { openConfiguredVault } from './open-vault.js';
import { stopSignal } from './stop-signal.js';
import { openWitnessing } from './witnesses.js';

export interface ServeOptions {
  readonly config: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** Runs CAIO until it is interrupted. In a file of its own: what a server needs takes half a second to load, and no other command waits for it. */
export async function runServe(options: ServeOptions, io: CommandIo): Promise<void> {
  const environment = options.port === undefined ? io.env : { ...io.env, CAIO_PORT: options.port };
  const configuration = await readConfiguration(options.config, environment);
  const signingKey = await readSigningKey(configuration.signingKey);
  const connections = openConnections();
  const log = await openConfiguredLog(configuration, signingKey, systemClock, io);
  const guard = await guardLog(configuration, log, signingKey, io).catch(async (cause: unknown) => {
    await log.close();
    throw cause;
  });
  let vault: Vault | undefined;
  try {
    const execute = gatewayExecutor(connections, secretsFrom(configuration.secrets), systemClock);
    vault = await openConfiguredVault(configuration, log, io);
    const server = await openServer(configuration, log, signingKey, io, execute, vault, guard.witnessed);
    const sweeper = startSweeper(vault, (cause) => io.err(sweepFailure(cause)));
    const stopped = stopSignal();
    const url = await server.listen(configuration);
    const verifierKey = verifierKeyOf(signingKey);
    const started = `CAIO is at ${url} (API page ${url}/docs)\nverifier key ${verifierKey}\n`;
    tell(io, options.json, { url, verifier_key: verifierKey }, started);
    await stopped;
    const stopping = 'stopping: no more requests are taken, those under way finish\n';
    tell(io, options.json, { stopping: true }, stopping);
    await server.close();
    await sweeper.stop();
    await connections.close();
  } finally {
    await guard.stop();
    try {
      await vault?.close();
    } finally {
      await log.close();
    }
  }
}

/** What shows that the log was not rolled back: the checkpoint beside it, and its witnesses. */
async function guardLog(
  configuration: Configuration,
  log: Log<Snapshot>,
  signingKey: SigningKey,
  io: CommandIo,
) {
  const say = (line: object) => io.err(`${JSON.stringify(line)}\n`);
  const logKey = verifierKeyDocument(signingKey);
  const witnesses = await openWitnessing(configuration, log, logKey, io, (event) => {
    // Instances on one log overtake each other all day.
    if (event.result !== 'cosigned' && event.result !== 'overtaken') say({ witness: event });
  });
  const { checkpoint } = configuration;
  const failed = (cause: unknown) => say({ checkpoint, failed: (cause as Error).message });
  const file = checkpoint === undefined ? undefined : new CheckpointFile(checkpoint, log, failed);
  await file?.start();
  return {
    witnessed: witnesses?.witnessing,
    stop: async () => {
      await witnesses?.stop();
      await file?.stop();
    },
  };
}

async function openServer(
  configuration: Configuration,
  log: Log<Snapshot>,
  signingKey: SigningKey,
  io: CommandIo,
  execute: ReturnType<typeof gatewayExecutor>,
  vault: Vault,
  witnessed: Witnessing | undefined,
): Promise<CaioServer> {
  const jwt = await readTrust(configuration.jwt);
  return createServer({
    clock: systemClock,
    random: pooledRandom(),
    log,
    signingKey,
    version,
    execute,
    vault,
    writeLog: (line) => io.err(`${JSON.stringify(line)}\n`),
    ...(jwt === undefined ? {} : { jwt }),
    ...(witnessed === undefined ? {} : { witnessed }),
  });
}

async function readSigningKey(file: string): Promise<SigningKey> {
  const key = parseSigningKey(await readSecretFile(file));
  if (key.ok) return key.value;
  throw new CommandFailure(
    'invalid_key',
    `${file} is not a signing key.`,
    [key.error],
    'caio key generate makes one.',
  );
}

async function readTrust(jwt: Configuration['jwt']): Promise<JwtTrust | undefined> {
  if (jwt === undefined) return undefined;
  const keys = parseKeySet(await readTrustFile(jwt.keySet));
  if (keys.ok) return { issuer: jwt.issuer, audience: jwt.audience, keys: keys.value };
  throw new CommandFailure('invalid_configuration', `${jwt.keySet} is not a key set.`, keys.error);
}

function sweepFailure(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return `${JSON.stringify({ sweep: 'failed', message })}\n`;
}
