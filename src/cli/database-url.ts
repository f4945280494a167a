import { resolve } from 'node:path';
import { type PostgresAddress, parsePostgresUrl } from '../log/drivers/postgres-address.js';
import { readSecretFile } from '../server/identity/key-file.js';
import { CommandFailure } from './failure.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** `storage` as caio.yaml has it. */
export interface WireStorage {
  readonly driver: 'memory' | 'lmdb' | 'postgres';
  readonly folder?: string;
  /** `env:NAME` or `file:PATH`: where the URL stands, not the URL. */
  readonly url?: string;
  readonly snapshot_entries?: number;
  readonly batch_entries?: number;
  readonly waiting_appends?: number;
  readonly gather_ms?: number;
}

/**
 * The database of the log: of CAIO_DATABASE_URL, which overrides the file, or of what `storage.url` points at; `undefined` when the log is
 * elsewhere. Messages name where the URL stands and never quote it: it holds a password.
 */
export async function databaseOf(
  storage: WireStorage | undefined,
  home: string,
  environment: Environment,
): Promise<PostgresAddress | undefined> {
  const overriding = environment.CAIO_DATABASE_URL;
  const given = overriding !== undefined && overriding !== '';
  if (storage?.url !== undefined && storage.driver !== 'postgres')
    throw invalid(`storage.url goes with the driver postgres, not with ${storage.driver}.`);
  if (!given && storage?.driver !== 'postgres') return undefined;
  if (environment.CAIO_DATA || (storage?.driver === 'postgres' && storage.folder !== undefined))
    throw invalid(
      'A folder for the log is given (storage.folder or CAIO_DATA), and a database too: the log is in one place.',
    );
  if (given) return parsed('CAIO_DATABASE_URL', overriding);
  const reference = storage?.url;
  if (reference === undefined)
    throw invalid('The driver postgres needs storage.url (env:NAME or file:PATH) or CAIO_DATABASE_URL.');
  return referenced(reference, home, environment, 'storage.url');
}

/** The form of a reference to a URL: never the URL itself. */
export const databaseReference = /^(env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:\P{Cc}{1,1000})$/u;

/** The database of `--postgres`; a file is relative to the working directory. What looks like a URL is refused without being shown. */
export async function databaseAt(reference: string, environment: Environment): Promise<PostgresAddress> {
  if (databaseReference.test(reference)) return referenced(reference, '.', environment, '--postgres');
  throw new CommandFailure(
    'usage',
    '--postgres takes where the URL of the database stands, env:NAME or file:PATH, and not the URL itself.',
  );
}

async function referenced(
  reference: string,
  home: string,
  environment: Environment,
  by: string,
): Promise<PostgresAddress> {
  if (reference.startsWith('file:')) {
    const file = resolve(home, reference.slice('file:'.length));
    return parsed(file, (await readSecretFile(file)).trim());
  }
  const name = reference.slice('env:'.length);
  const text = environment[name];
  if (text === undefined || text === '')
    throw invalid(`${by} names the environment variable ${name}, which is not set.`);
  return parsed(`the environment variable ${name}`, text);
}

function parsed(where: string, text: string): PostgresAddress {
  const address = parsePostgresUrl(text);
  if (address.ok) return address.value;
  throw new CommandFailure('invalid_configuration', `${where} does not hold the URL of a database.`, [
    address.error,
  ]);
}

const invalid = (message: string): CommandFailure => new CommandFailure('invalid_configuration', message);
