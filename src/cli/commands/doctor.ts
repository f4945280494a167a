import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { type PostgresAddress, placeOf } from '../../log/drivers/postgres-address.js';
import { buildSnapshot } from '../../orchestrator/snapshot.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import { readSecretFile } from '../../server/identity/key-file.js';
import { readApiKeys } from '../api-keys-file.js';
import { type ClientOptions, clientOptions, credential, serverUrl } from '../client-options.js';
import { type Configuration, readConfiguration } from '../configuration.js';
import { CommandFailure, problemLine } from '../failure.js';
import { type CommandIo, paint } from '../io.js';
import { loadInitialState } from '../load-state.js';

interface DoctorOptions extends ClientOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface Finding {
  readonly check: string;
  readonly healthy: boolean;
  readonly says: string;
}

export function addDoctor(program: Command, io: CommandIo, exit: (code: number) => void): void {
  clientOptions(program.command('doctor'))
    .description(
      'Look at an installation and say what is wrong with it: Node, configuration, keys, contracts, policies, the server.',
    )
    .option('--config <file>', 'caio.yaml; default: the one in this folder, if there is one')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe server is asked only when --url or CAIO_SERVICE_URL names it. Exit codes: 0 healthy, 1 something is not.',
    )
    .action(async (options: DoctorOptions) => exit(await runDoctor(options, io)));
}

async function runDoctor(options: DoctorOptions, io: CommandIo): Promise<number> {
  const findings: Finding[] = [nodeVersion()];
  const file = options.config ?? (await existing('caio.yaml'));
  if (file === undefined) {
    findings.push({
      check: 'configuration',
      healthy: true,
      says: 'none here (caio init makes one; --config names one)',
    });
  } else {
    findings.push(...(await configurationFindings(file, io)));
  }
  if (options.url !== undefined || io.env.CAIO_SERVICE_URL !== undefined) {
    findings.push(await finding('server', () => askServer(serverUrl(options, io), options, io)));
  }
  io.out(
    options.json === true
      ? `${JSON.stringify(findings)}\n`
      : findings.map((found) => line(found, io)).join(''),
  );
  return findings.every(({ healthy }) => healthy) ? 0 : 1;
}

async function configurationFindings(file: string, io: CommandIo): Promise<readonly Finding[]> {
  let configuration: Configuration | undefined;
  const read = await finding('configuration', async () => {
    configuration = await readConfiguration(file, io.env);
    return `${file}: listens on ${configuration.host}:${configuration.port}`;
  });
  if (configuration === undefined) return [read];
  const { signingKey, apiKeys } = configuration;
  const found = configuration;
  return [
    read,
    await finding('signing key', async () => {
      const key = parseSigningKey(await readSecretFile(signingKey));
      if (!key.ok) throw new CommandFailure('invalid_key', `${signingKey}: ${key.error.message}`);
      return `${signingKey}: key of ${key.value.name}`;
    }),
    await finding('API keys', async () => {
      if (apiKeys === undefined) return 'none configured: only tokens open this server';
      const records = await readApiKeys(apiKeys);
      const expired = records.filter(({ expires }) => expires <= io.now()).length;
      if (expired > 0 && expired === records.length)
        throw new CommandFailure('invalid_configuration', `every key in ${apiKeys} has expired`);
      return `${records.length} in ${apiKeys}${expired === 0 ? '' : `, ${expired} expired`}`;
    }),
    await finding('contracts and policies', async () => {
      const state = await loadInitialState(found);
      const snapshot = buildSnapshot(state);
      if (!snapshot.ok)
        throw new CommandFailure('invalid_policy', 'the policies do not load', snapshot.error);
      return `${state.contracts.length} contracts, ${state.policies.length} policies, ${snapshot.value.policies.rules.length} rules`;
    }),
    ...(found.storage.driver === 'postgres'
      ? [await databaseFinding(found.storage.address, found.openings?.place.kind === 'database')]
      : []),
  ];
}

function databaseFinding(address: PostgresAddress, vault: boolean): Promise<Finding> {
  return finding('log database', async () => {
    const { inspectPostgres } = await import('../../log/drivers/postgres-inspect.js');
    const { server, wrong, entries } = await inspectPostgres(address, { vault });
    const place = placeOf(address);
    if (wrong.length > 0)
      throw new CommandFailure('storage_failed', `the log in ${place} ${wrong.join('; it ')}`);
    const size = entries === undefined ? 'made at the first start' : `${entries} entries`;
    return `${place}: PostgreSQL ${server}, ${size}`;
  });
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const healthy = major > 20 || (major === 20 && minor >= 19);
  return {
    check: 'node',
    healthy,
    says: `${process.versions.node}${healthy ? '' : ': 20.19 or later is needed'}`,
  };
}

async function askServer(url: string, options: ClientOptions, io: CommandIo): Promise<string> {
  const key = await credential(options, io);
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  // Only /health is open to everybody; whether it is ready is told to those with a key.
  for (const path of key === undefined ? ['/health'] : ['/health', '/ready']) {
    const signal = AbortSignal.timeout(5000);
    const response = await fetch(new URL(path, url), { headers, signal, redirect: 'error' });
    await response.arrayBuffer();
    if (response.status === 401) {
      throw new CommandFailure(
        'unauthenticated',
        `${url} does not accept the key; caio api-key issue makes another`,
      );
    }
    if (!response.ok) throw new CommandFailure('unavailable', `${url}${path} answers ${response.status}`);
  }
  return `${url} is healthy${key === undefined ? ' (whether it is ready it tells only with a key)' : ' and ready'}`;
}

async function finding(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, healthy: true, says: await look() };
  } catch (error) {
    const problems = error instanceof CommandFailure ? error.problems.map(problemLine) : [];
    const message = error instanceof Error ? error.message : String(error);
    return { check, healthy: false, says: [message, ...problems].join('\n    ') };
  }
}

function line({ check, healthy, says }: Finding, io: CommandIo): string {
  const mark = healthy ? paint(io, 'green', 'ok ') : paint(io, 'red', 'BAD');
  return `${mark} ${check}: ${says}\n`;
}

async function existing(file: string): Promise<string | undefined> {
  return access(file).then(
    () => file,
    () => undefined,
  );
}
