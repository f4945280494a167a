import type { Command } from 'commander';
import { CaioError, type ProblemDetails } from '../sdk/caio-error.js';
import { CaioClient } from '../sdk/client.js';
import { Transport } from '../sdk/transport.js';
import { CommandFailure } from './failure.js';
import { readText } from './files.js';
import type { CommandIo } from './io.js';

/** Where the server is and what opens it; the same options on every command that asks a server. */
export interface ClientOptions {
  readonly url?: string;
  readonly keyFile?: string;
}

const defaultUrl = 'http://127.0.0.1:8080';

export function clientOptions(command: Command): Command {
  return command
    .option('--url <url>', `where CAIO is; default: CAIO_SERVICE_URL, else ${defaultUrl}`)
    .option(
      '--key-file <file>',
      'file with an API key or a JWT; default: the environment variable CAIO_API_KEY',
    );
}

export function serverUrl(options: ClientOptions, io: CommandIo): string {
  const url = options.url ?? io.env.CAIO_SERVICE_URL ?? defaultUrl;
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new CommandFailure('usage', `${url} is not an http or https URL.`);
}

/** The key to ask with. A key on the command line would be seen by every user of the machine, so there is no such option. */
export async function credential(options: ClientOptions, io: CommandIo): Promise<string | undefined> {
  if (options.keyFile === undefined) return io.env.CAIO_API_KEY;
  return (await readText(options.keyFile, 'Key file')).trim();
}

/** A client of the server named. */
export async function clientOf(options: ClientOptions, io: CommandIo): Promise<CaioClient> {
  const key = await credential(options, io);
  return new CaioClient({ url: serverUrl(options, io), ...(key === undefined ? {} : { key }) });
}

/** Calls of the API that the client has no method for. */
export async function transportOf(options: ClientOptions, io: CommandIo): Promise<Transport> {
  const key = await credential(options, io);
  return new Transport({
    url: serverUrl(options, io),
    timeoutMillis: 30_000,
    ...(key === undefined ? {} : { key }),
  });
}

/** Turns what the server refused or could not do into a failure of the command, with what to do about it. */
export function failureOfServer(error: unknown): unknown {
  if (!(error instanceof CaioError)) return error;
  const hint =
    error.code === 'unauthenticated'
      ? 'Give a key: --key-file FILE, or CAIO_API_KEY in the environment.'
      : error.code === 'server_unreachable'
        ? 'Is it running? caio serve starts it; --url says where it is.'
        : error.code === 'change_not_signed'
          ? signingHint(error.details)
          : undefined;
  return new CommandFailure(
    error.code === 'unknown' ? 'server_unreachable' : error.code,
    error.details.detail ?? error.message,
    error.problems,
    hint,
  );
}

function signingHint({ statement, required }: ProblemDetails): string | undefined {
  if (typeof statement !== 'string') return undefined;
  const who = required === 'author_and_approver' ? 'Its author and an approver sign' : 'Its author signs';
  return `${who} it with caio change sign, and --change gives the note. What is signed, with an expiry of your choice:\n${statement}`;
}
