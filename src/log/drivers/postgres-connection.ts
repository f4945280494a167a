import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { Defect, Fault } from '../../kernel/errors.js';
import { type PostgresAddress, placeOf } from './postgres-address.js';

/** What every connection of the driver is made with. Milliseconds. */
export function connectionOptions(address: PostgresAddress, timeoutMillis: number): pg.ClientConfig {
  const { host, port, database, user, password, tls } = address;
  return {
    host,
    port,
    database,
    user,
    // Never from PGPASSWORD or a password file by accident: what is used is what the configuration names.
    password: password ?? '',
    ssl: tlsOptions(tls),
    application_name: 'caio',
    keepAlive: true,
    connectionTimeoutMillis: timeoutMillis,
    // The server gives up first, so that what is told here is its reason, and nothing goes on unseen.
    statement_timeout: timeoutMillis,
    idle_in_transaction_session_timeout: timeoutMillis,
    query_timeout: timeoutMillis + 500,
    // The compare-and-swap waits for the row and looks again, which is what this isolation does and stronger ones do not.
    options: '-c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off',
  };
}

function tlsOptions(tls: PostgresAddress['tls']): pg.ClientConfig['ssl'] {
  switch (tls.kind) {
    case 'none':
      return false;
    case 'unverified':
      return { rejectUnauthorized: false };
    case 'verify':
      return {
        rejectUnauthorized: true,
        ...(tls.authority === undefined ? {} : { ca: readFileSync(tls.authority, 'utf8') }),
      };
    default:
      return tls satisfies never;
  }
}

/** The Fault of a failed call. It says which database, what failed and the server's reason; never the password, not even out of a quoted reason. */
export function storageFault(
  address: PostgresAddress,
  what: string,
  cause: unknown,
  of: 'log' | 'vault' = 'log',
): Fault | Defect {
  if (cause instanceof Fault || cause instanceof Defect) return cause;
  const message = reasonOf(cause);
  const place = placeOf(address);
  const code = of === 'log' ? 'storage_failed' : 'vault_failed';
  return new Fault(code, `The ${of} in ${place} ${what}: ${withoutPassword(message, address)}.`, {
    retryable: !isPermanent(cause),
    subject: place,
  });
}

function reasonOf(cause: unknown): string {
  // A name with several addresses, none of which answers: the message of the whole is empty.
  if (cause instanceof AggregateError) return [...new Set(cause.errors.map(reasonOf))].join('; ');
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/\.$/, '');
}

function withoutPassword(text: string, { password }: PostgresAddress): string {
  if (password === undefined) return text;
  const forms = new Set([password, encodeURIComponent(password), encodeURI(password)]);
  return [...forms].reduce((left, form) => left.replaceAll(form, '(password)'), text);
}

/** No retry makes these better: wrong credentials, no such database, no rights, another schema, a certificate that does not hold. */
function isPermanent(cause: unknown): boolean {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && (/^(28|42|3D000|3F000)/.test(code) || /CERT|ALTNAME/.test(code));
}
