import type { Command } from 'commander';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { lmdbReading } from '../../log/drivers/lmdb-reading.js';
import { type PostgresAddress, placeOf } from '../../log/drivers/postgres-address.js';
import type { CheckpointSigner } from '../../log/tlog/checkpoint.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import { credential, serverUrl } from '../client-options.js';
import { readConfiguration } from '../configuration.js';
import { databaseAt } from '../database-url.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';
import type { CommandIo } from '../io.js';
import type { LogSource } from './log-source.js';
import { serverSource } from './server-source.js';
import { storeSource } from './store-source.js';
import { tilesSource } from './tiles-source.js';

/** Where the log is; the same options on every command that reads one. */
export interface SourceOptions {
  readonly server?: string;
  readonly keyFile?: string;
  readonly log?: string;
  readonly postgres?: string;
  readonly config?: string;
  readonly tiles?: string;
  readonly sign?: string;
}

export function sourceOptions(command: Command): Command {
  return command
    .option('--server <url>', 'read from a running CAIO; the credential needs scope log')
    .option(
      '--key-file <file>',
      'with --server: file with an API key or a JWT; default: the environment variable CAIO_API_KEY',
    )
    .option('--log <folder>', 'read an LMDB folder itself, also beside the server that has it open')
    .option(
      '--postgres <reference>',
      'read a PostgreSQL database itself; its URL stands in the environment (env:NAME) or in a file (file:PATH)',
    )
    .option('--config <file>', 'read the folder or database that this caio.yaml names, and sign with its key')
    .option('--tiles <folder>', 'read a folder of tiles (C2SP tlog-tiles), such as caio log export makes')
    .option(
      '--sign <file>',
      'with --log and --postgres: the signing key of the log, where a checkpoint is needed',
    );
}

export const sourceHelp = `
The log is named by one of --server, --log, --postgres, --config and --tiles; without any of them by the environment variable CAIO_SERVICE_URL.
A folder or database is only read: nothing is claimed, made or migrated, and servers that have it open go on. What is read is the log as it is
at the start. The role may be one that can only read. With --config, CAIO_DATABASE_URL overrides what the file says of it.`;

/** Opens the one source that the options name. */
export async function openSource(options: SourceOptions, io: CommandIo): Promise<LogSource> {
  const named = (['server', 'log', 'postgres', 'config', 'tiles'] as const).filter(
    (name) => options[name] !== undefined,
  );
  const [kind] = named;
  const fromEnvironment = kind === undefined && io.env.CAIO_SERVICE_URL !== undefined;
  if (named.length > 1 || (kind === undefined && !fromEnvironment)) {
    const message = named.length > 1 ? 'Two places of a log are named.' : 'No log is named.';
    throw new CommandFailure(
      'usage',
      message,
      [],
      'Give one of --server URL, --log FOLDER, --postgres env:NAME, --config FILE, --tiles FOLDER.',
    );
  }
  switch (kind) {
    case 'log':
      return folderSource(options.log as string, options.sign);
    case 'postgres':
      return databaseSource(await databaseAt(options.postgres as string, io.env), options.sign);
    case 'config':
      return configuredSource(options.config as string, io);
    case 'tiles':
      return tilesSource(options.tiles as string);
    case 'server':
    case undefined: {
      const client = {
        ...(options.server === undefined ? {} : { url: options.server }),
        ...(options.keyFile === undefined ? {} : { keyFile: options.keyFile }),
      };
      return serverSource(serverUrl(client, io), await credential(client, io));
    }
    default:
      return kind satisfies never;
  }
}

async function configuredSource(file: string, io: CommandIo): Promise<LogSource> {
  const { storage, signingKey } = await readConfiguration(file, io.env);
  switch (storage.driver) {
    case 'lmdb':
      return folderSource(storage.folder, signingKey);
    case 'postgres':
      return databaseSource(storage.address, signingKey);
    case 'memory': {
      const hint = 'Ask the server that has it: --server URL.';
      throw new CommandFailure('usage', `The log of ${file} is in the memory of its server.`, [], hint);
    }
    default:
      return storage satisfies never;
  }
}

async function folderSource(folder: string, key: string | undefined): Promise<LogSource> {
  const signer = await signerIn(key);
  return storeSource(await lmdbReading(folder), folder, signer);
}

/** Read by single statements: what stands below a head never changes, and a transaction as long as an audit would hold up the server's cleaning. */
async function databaseSource(address: PostgresAddress, key: string | undefined): Promise<LogSource> {
  const signer = await signerIn(key);
  const { postgresReading } = await import('../../log/drivers/postgres-reading.js');
  return storeSource(await postgresReading(address, { still: false }), placeOf(address), signer);
}

async function signerIn(file: string | undefined): Promise<CheckpointSigner | undefined> {
  if (file === undefined) return undefined;
  const key = parseSigningKey(await readText(file, 'Signing key'));
  if (!key.ok) throw new CommandFailure('invalid_key', `${file} is not a signing key.`, [key.error]);
  const { value } = key;
  return { name: value.name, hash: value.hash, sign: (text) => value.sign(encodeUtf8(text)) };
}
