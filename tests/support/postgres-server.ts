import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll } from 'vitest';
import { packageName, query, startPostgres } from '../../scripts/chaos/postgres.mjs';
import { type PostgresOptions, postgresStorage } from '../../src/log/drivers/postgres.js';
import { type PostgresAddress, parsePostgresUrl } from '../../src/log/drivers/postgres-address.js';
import type { StoragePort } from '../../src/log/port.js';

type Server = Awaited<ReturnType<typeof startPostgres>>;

const given = process.env.CAIO_TEST_POSTGRES_URL;

/** Why there is no PostgreSQL to test with; `undefined` when there is one. */
export const noPostgres: string | undefined =
  given !== undefined || isInstalled()
    ? undefined
    : `no PostgreSQL: ${packageName()} is not here, and CAIO_TEST_POSTGRES_URL is not set`;

let starting: Promise<Server> | undefined;

/** A server for the tests of one file, started when it is first asked for and ended with them. */
export function postgresServer(): Promise<Server> {
  starting ??= startPostgres();
  return starting;
}

/** The URL of a log that nobody else has: in the database that CAIO_TEST_POSTGRES_URL names, or in that of the file's server. */
export async function freshLogUrl(): Promise<string> {
  const url = new URL(given ?? (await postgresServer()).urlOf('postgres'));
  const schema = `test_${randomBytes(8).toString('hex')}`;
  url.searchParams.set('schema', schema);
  made.push(schema);
  return url.href;
}

export function addressOf(url: string): PostgresAddress {
  const address = parsePostgresUrl(url);
  if (!address.ok) throw new Error(address.error.message);
  return address.value;
}

export function openPostgres(url: string, options?: PostgresOptions): Promise<StoragePort> {
  return postgresStorage(addressOf(url), options);
}

/** One statement in the database of a log, by somebody who is not CAIO. */
export function sql(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const plain = new URL(url);
  plain.searchParams.delete('schema');
  return query(plain.href, text, values);
}

const made: string[] = [];

afterAll(async () => {
  if (given !== undefined) {
    for (const schema of made.splice(0)) await sql(given, `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  }
  await (await starting)?.dispose();
});

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName());
    return true;
  } catch {
    return false;
  }
}
