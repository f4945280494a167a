import { randomBytes } from 'node:crypto';
import { openConnections } from '../gateway/connections.js';
import { secretsFrom } from '../gateway/secrets.js';
import { version } from '../kernel/version.js';
import type { Log } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { parseSigningKey, type SigningKey, verifierKeyOf } from '../proofs/signing-key.js';
import { systemClock } from '../server/clock.js';
import { gatewayExecutor } from '../server/gateway-executor.js';
import type { JwtTrust } from '../server/identity/jwt.js';
import { readSecretFile, readTrustFile } from '../server/identity/key-file.js';
import { parseKeySet } from '../server/identity/key-set.js';
import { type CaioServer, createServer } from '../server/server.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import { type CommandIo, tell } from './io.js';
import { openConfiguredLog } from './open-log.js';

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
  try {
    const execute = gatewayExecutor(connections, secretsFrom(configuration.secrets), systemClock);
    const server = await openServer(configuration, log, signingKey, io, execute);
    const stopped = stopSignal();
    const url = await server.listen(configuration);
    const verifierKey = verifierKeyOf(signingKey);
    const started = `CAIO is at ${url} (API page ${url}/docs)\nverifier key ${verifierKey}\n`;
    tell(io, options.json, { url, verifier_key: verifierKey }, started);
    await stopped;
    const stopping = 'stopping: no more requests are taken, those under way finish\n';
    tell(io, options.json, { stopping: true }, stopping);
    await server.close();
    await connections.close();
  } finally {
    await log.storage.close();
  }
}

async function openServer(
  configuration: Configuration,
  log: Log<Snapshot>,
  signingKey: SigningKey,
  io: CommandIo,
  execute: ReturnType<typeof gatewayExecutor>,
): Promise<CaioServer> {
  const jwt = await readTrust(configuration.jwt);
  return createServer({
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    log,
    signingKey,
    version,
    execute,
    writeLog: (line) => io.err(`${JSON.stringify(line)}\n`),
    ...(jwt === undefined ? {} : { jwt }),
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

/** Resolves at the first SIGINT or SIGTERM; at the second the process ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
