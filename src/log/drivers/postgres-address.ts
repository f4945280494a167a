import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';

/** Where a log in PostgreSQL is, and how it is reached. Made by `parsePostgresUrl` alone. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** The schema that holds the tables of this log; another schema is another log. */
  readonly schema: string;
  /** `verify`: the server's certificate has to be valid for `host`, by `authority` (a file) or by what Node trusts. */
  readonly tls:
    | { readonly kind: 'none' | 'unverified' }
    | { readonly kind: 'verify'; readonly authority?: string };
}

const schemaPattern = /^[a-z_][a-z0-9_]{0,47}$/;
const known = ['sslmode', 'sslrootcert', 'schema', 'host'];

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=FILE&schema=caio&host=/socket/folder`. Without `sslmode` a host
 * that is not this machine has to show a valid certificate. The problem never quotes the URL, which may hold a password.
 */
export function parsePostgresUrl(text: string): Result<PostgresAddress, Problem> {
  if (!URL.canParse(text)) return invalid('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    return invalid('it does not begin with postgres://');
  const parameters = [...url.searchParams.keys()];
  const odd = parameters.find((name) => !known.includes(name));
  if (odd !== undefined)
    return invalid(`it has the parameter ${JSON.stringify(odd)}; known are ${known.join(', ')}`);
  if (new Set(parameters).size < parameters.length) return invalid('it has a parameter twice');
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  if (user === undefined || password === undefined || database === undefined)
    return invalid('it has a % that begins no escape');
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') return invalid('it names no host');
  if (user === '') return invalid('it names no user');
  if (database === '' || database.includes('/')) return invalid('it does not name one database');
  const schema = url.searchParams.get('schema') ?? 'caio';
  if (!schemaPattern.test(schema))
    return invalid('its schema is not 1 to 48 of a–z, 0–9 and _, a letter or _ first');
  const tls = tlsOf(url.searchParams.get('sslmode'), url.searchParams.get('sslrootcert'), host);
  if (tls === undefined)
    return invalid(
      'its sslmode is none of disable, require and verify-full (sslrootcert goes with the last)',
    );
  return ok({
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user,
    password: password === '' ? undefined : password,
    schema,
    tls,
  });
}

/** For people: which database, where; never who enters it, or how. */
export function placeOf({ host, port, database, schema }: PostgresAddress): string {
  const where = host.startsWith('/')
    ? `the socket in ${host}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `database ${database} at ${where}${schema === 'caio' ? '' : `, schema ${schema}`}`;
}

function tlsOf(
  mode: string | null,
  authority: string | null,
  host: string,
): PostgresAddress['tls'] | undefined {
  const here = host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host);
  switch (mode ?? (here && authority === null ? 'disable' : 'verify-full')) {
    case 'disable':
      return authority === null ? { kind: 'none' } : undefined;
    case 'require':
      return authority === null ? { kind: 'unverified' } : undefined;
    case 'verify-full':
      return authority === null ? { kind: 'verify' } : { kind: 'verify', authority };
    default:
      return undefined;
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function invalid(reason: string): Result<never, Problem> {
  return err({
    code: 'invalid_url',
    path: '',
    message: `the URL of the log's database cannot be used: ${reason}`,
    hint: 'postgres://USER:PASSWORD@HOST:5432/DATABASE',
  });
}
