import type { Command } from 'commander';
import { encodeUtf8 } from '../../kernel/utf8.js';
import type { CheckpointSigner } from '../../log/tlog/checkpoint.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import { credential, serverUrl } from '../client-options.js';
import { readConfiguration } from '../configuration.js';
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
    .option('--config <file>', 'read the LMDB folder that this caio.yaml names, and sign with its key')
    .option('--tiles <folder>', 'read a folder of tiles (C2SP tlog-tiles), such as caio log export makes')
    .option('--sign <file>', 'with --log: the signing key of the log, where a checkpoint is needed');
}

export const sourceHelp = `
The log is named by one of --server, --log, --config and --tiles; without any of them by the environment variable CAIO_SERVICE_URL.
An LMDB folder is only read: no claim is taken, and a server that has it open goes on. What is read is the log as it is at the start.`;

/** Opens the one source that the options name. */
export async function openSource(options: SourceOptions, io: CommandIo): Promise<LogSource> {
  const named = (['server', 'log', 'config', 'tiles'] as const).filter((name) => options[name] !== undefined);
  const [kind] = named;
  const fromEnvironment = kind === undefined && io.env.CAIO_SERVICE_URL !== undefined;
  if (named.length > 1 || (kind === undefined && !fromEnvironment)) {
    const message = named.length > 1 ? 'Two places of a log are named.' : 'No log is named.';
    throw new CommandFailure(
      'usage',
      message,
      [],
      'Give one of --server URL, --log FOLDER, --config FILE, --tiles FOLDER.',
    );
  }
  switch (kind) {
    case 'log':
      return storeSource(options.log as string, await signerIn(options.sign));
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
  if (storage.driver === 'lmdb') return storeSource(storage.folder, await signerIn(signingKey));
  throw new CommandFailure(
    'usage',
    `The log of ${file} is in ${storage.driver}: there is no folder to read.`,
    [],
    'Ask the server that has it: --server URL.',
  );
}

async function signerIn(file: string | undefined): Promise<CheckpointSigner | undefined> {
  if (file === undefined) return undefined;
  const key = parseSigningKey(await readText(file, 'Signing key'));
  if (!key.ok) throw new CommandFailure('invalid_key', `${file} is not a signing key.`, [key.error]);
  const { value } = key;
  return { name: value.name, hash: value.hash, sign: (text) => value.sign(encodeUtf8(text)) };
}
