import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { keyAlgorithm } from '../kernel/verifier-key.js';
import { lmdbStorage } from '../log/drivers/lmdb.js';
import { parseSigningKey, type SigningKey, verifierKeyOf } from '../proofs/signing-key.js';
import { readSecretFile } from '../server/identity/key-file.js';
import { Witness } from '../witness/witness.js';
import { CommandFailure } from './failure.js';
import { type CommandIo, tell } from './io.js';
import { stopSignal } from './stop-signal.js';
import { readWitnessConfiguration } from './witness-configuration.js';
import { witnessServer } from './witness-http.js';
import { witnessStore } from './witness-store.js';

export interface WitnessServeOptions {
  readonly config: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** Runs a witness until it is interrupted. */
export async function runWitness(options: WitnessServeOptions, io: CommandIo): Promise<void> {
  const configuration = await readWitnessConfiguration(options.config);
  const port = options.port === undefined ? configuration.port : portOf(options.port);
  const key = await readWitnessKey(configuration.key);
  const storage = await lmdbStorage(configuration.folder);
  try {
    const seconds = () => BigInt(Math.floor(io.now() / 1_000_000));
    const witness = new Witness({ key, logs: configuration.logs, store: witnessStore(storage), seconds });
    const server = witnessServer(witness, (line) => io.err(`${JSON.stringify(line)}\n`));
    const stopped = stopSignal();
    server.listen(port, configuration.host);
    await once(server, 'listening');
    const address = server.address() as AddressInfo;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    const url = `http://${host}:${address.port}`;
    const witnessKey = verifierKeyOf(key);
    const origins = configuration.logs.map(({ name }) => name);
    const text = `the witness is at ${url} for ${origins.join(', ')}\nverifier key ${witnessKey}\n`;
    tell(io, options.json, { url, verifier_key: witnessKey, logs: origins }, text);
    await stopped;
    server.close();
    server.closeIdleConnections();
    await once(server, 'close');
  } finally {
    await storage.close();
  }
}

async function readWitnessKey(file: string): Promise<SigningKey> {
  const key = parseSigningKey(await readSecretFile(file), keyAlgorithm.cosignature);
  if (key.ok) return key.value;
  const message = `${file} is not the key of a witness.`;
  throw new CommandFailure('invalid_key', message, [key.error], 'caio witness init makes one.');
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new CommandFailure('usage', `--port ${text} is not a port (0 to 65535).`);
}
