import { defaultParameters } from '../contracts/default-parameters.js';
import { contractDigest, parametersDigest, policyDigest } from '../contracts/digests.js';
import type { Digest } from '../kernel/digest.js';
import { lmdbThreadStorage } from '../log/drivers/lmdb-thread.js';
import { memoryStorage } from '../log/drivers/memory.js';
import { placeOf as placeOfDatabase } from '../log/drivers/postgres-address.js';
import type { Log } from '../log/log.js';
import type { StoragePort } from '../log/port.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { type SigningKey, verifierKeyDocument } from '../proofs/signing-key.js';
import type { Clock } from '../server/clock.js';
import { type Beginning, openServerLog } from '../server/open-server-log.js';
import { readApiKeys } from './api-keys-file.js';
import { refuseDiscontinued } from './checkpoint-file.js';
import type { Configuration, StorageConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import type { CommandIo } from './io.js';
import { loadInitialState } from './load-state.js';

/**
 * The log that a configuration names, with the state that its entries make. Services, policies, parameters and API keys of the
 * configuration are what a new log begins with; to one that has entries they are files, and where they differ from it that is said.
 */
export async function openConfiguredLog(
  configuration: Configuration,
  signingKey: SigningKey,
  clock: Clock,
  io: CommandIo,
): Promise<Log<Snapshot>> {
  const storage = await openStorage(configuration.storage);
  try {
    // Before anything is written: what is refused here stays as it was found.
    if (configuration.checkpoint !== undefined) {
      await refuseDiscontinued(configuration.checkpoint, storage, verifierKeyDocument(signingKey));
    }
    // Genesis alone is no beginning: a start that was cut short after it begins again.
    const begun = ((await storage.readHead())?.size ?? 0) > 1;
    const beginning = begun ? { parameters: defaultParameters } : await beginningOf(configuration);
    const snapshots = snapshotsOf(configuration, io);
    const { commits } = configuration;
    const log = await openServerLog(storage, signingKey, clock, beginning, snapshots, commits);
    if (!log.ok) {
      throw new CommandFailure('invalid_configuration', 'CAIO cannot start with this state.', log.error);
    }
    refuseUnusable(log.value, configuration);
    io.out(placeOf(configuration.storage, log.value.size));
    if (begun) io.out(await differencesFrom(configuration, log.value));
    return log.value;
  } catch (cause) {
    await storage.close();
    throw cause;
  }
}

async function openStorage(storage: StorageConfiguration): Promise<StoragePort> {
  switch (storage.driver) {
    case 'lmdb':
      return lmdbThreadStorage(storage.folder);
    case 'postgres': {
      // Loaded by those who have a database, and by nobody else.
      const { postgresStorage } = await import('../log/drivers/postgres.js');
      return postgresStorage(storage.address);
    }
    case 'memory':
      return memoryStorage();
    default:
      return storage satisfies never;
  }
}

/** Nothing of a log in memory outlives its process. */
function snapshotsOf({ storage, snapshotEntries }: Configuration, io: CommandIo) {
  if (storage.driver === 'memory' || snapshotEntries === 0) return undefined;
  const warn = (message: string) => io.err(`${JSON.stringify({ warning: message })}\n`);
  return { every: snapshotEntries, warn };
}

async function beginningOf(configuration: Configuration): Promise<Beginning> {
  const { contracts, policies, parameters } = await loadInitialState(configuration);
  const keys = configuration.apiKeys === undefined ? [] : await readApiKeys(configuration.apiKeys);
  return { contracts, policies, parameters, keys };
}

function refuseUnusable(log: Log<Snapshot>, { jwt }: Configuration): void {
  const keys = [...log.view.folded.keys.values()];
  if (jwt !== undefined || keys.some(({ revoked_at: revoked }) => revoked === undefined)) return;
  throw new CommandFailure(
    'invalid_configuration',
    keys.length === 0
      ? 'Nobody could use this server: it has neither api_keys nor jwt.'
      : 'Nobody could use this server: every API key in its log is revoked, and it has no jwt.',
    [],
    'caio init makes both a configuration and an admin key.',
  );
}

function placeOf(storage: StorageConfiguration, size: number): string {
  switch (storage.driver) {
    case 'lmdb':
      return `the log is in ${storage.folder} (${size} entries)\n`;
    case 'postgres':
      return `the log is in ${placeOfDatabase(storage.address)} (${size} entries)\n`;
    case 'memory':
      return 'the log is in memory: what is registered, decided and revoked is forgotten at the end\n';
    default:
      return storage satisfies never;
  }
}

const mostNamed = 5;

/** A line when the files say something else than the log, which is what counts; nothing when they agree. */
async function differencesFrom(configuration: Configuration, log: Log<Snapshot>): Promise<string> {
  const files = await beginningOf(configuration).catch((cause: unknown) => cause as Error);
  if (files instanceof Error) return `not read, since the log has begun: ${files.message}\n`;
  const { state, keys } = log.view.folded;
  const different = [
    ...unlike('service', files.contracts ?? [], state.contracts, contractDigest),
    ...unlike('policy', files.policies ?? [], state.policies, policyDigest),
    ...(files.keys ?? []).filter(({ id }) => !keys.has(id)).map(({ id }) => `key ${id}`),
    ...(parametersDigest(files.parameters) === parametersDigest(state.parameters) ? [] : ['parameters']),
  ];
  if (different.length === 0) return '';
  const more = different.length > mostNamed ? ` and ${different.length - mostNamed} more` : '';
  return `the log counts, not these files of the configuration, which differ: ${different.slice(0, mostNamed).join(', ')}${more}\n`;
}

/** Documents of files that the log has not, or has with other content. What only the log has was registered since. */
function unlike<T extends { readonly id: string }>(
  kind: string,
  files: readonly T[],
  logged: readonly T[],
  digest: (document: T) => Digest,
): readonly string[] {
  const known = new Map(logged.map((document) => [document.id, digest(document)]));
  return files.filter((file) => known.get(file.id) !== digest(file)).map(({ id }) => `${kind} ${id}`);
}
