import { dirname, resolve } from 'node:path';
import { present } from '../contracts/present.js';
import type { Classification } from '../contracts/request.js';
import { checkShape } from '../contracts/schema.js';
import type { SecretScope } from '../gateway/secrets.js';
import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { keyAlgorithm, parseVerifierKey } from '../kernel/verifier-key.js';
import type { PostgresAddress } from '../log/drivers/postgres-address.js';
import type { CommitBounds } from '../server/open-server-log.js';
import type { Keep } from '../server/openings/retention.js';
import type { WitnessAddress } from '../server/witnesses/witness-client.js';
import { databaseOf, type WireStorage } from './database-url.js';
import { CommandFailure } from './failure.js';
import { parseFile } from './files.js';

/** What `caio serve` runs with: caio.yaml, paths made absolute, overridden by the environment. */
export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly signingKey: string;
  readonly apiKeys?: string;
  readonly jwt?: { readonly issuer: string; readonly audience: string; readonly keySet: string };
  readonly services?: string;
  readonly policies?: string;
  readonly parameters?: string;
  readonly storage: StorageConfiguration;
  /** After how many entries a state snapshot is kept; 0: none is kept or gone on from. */
  readonly snapshotEntries: number;
  readonly commits: CommitBounds;
  readonly openings?: OpeningsConfiguration;
  readonly secrets: SecretScope;
  /** File of the last published checkpoint, outside the store: what is restored with it could not tell that it was; absent where the log does not outlive the process. */
  readonly checkpoint?: string;
  readonly witnesses: readonly WitnessAddress[];
  /** How many of the witnesses make a checkpoint witnessed: 1 to all. */
  readonly quorum: number;
}

export type StorageConfiguration =
  | { readonly driver: 'memory' }
  | { readonly driver: 'lmdb'; readonly folder: string }
  | { readonly driver: 'postgres'; readonly address: PostgresAddress };

/** The vault. */
export interface OpeningsConfiguration {
  /** A folder is one process's; the database is that of the log, with all who share it. */
  readonly place:
    | { readonly kind: 'folder'; readonly folder: string }
    | { readonly kind: 'database'; readonly address: PostgresAddress };
  /** A path, or `env:NAME`. */
  readonly key: string;
  readonly keep: Keep;
  readonly payloads: boolean;
}

interface WireConfiguration {
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly signing_key: string;
  readonly api_keys?: string;
  readonly jwt?: { readonly issuer: string; readonly audience: string; readonly key_set: string };
  readonly services?: string;
  readonly policies?: string;
  readonly parameters?: string;
  readonly storage?: WireStorage;
  readonly openings?: {
    readonly folder?: string;
    readonly key: string;
    readonly keep?: { readonly [C in Classification]?: string };
    readonly payloads?: boolean;
  };
  readonly secrets?: readonly { readonly reference: string; readonly origins: readonly string[] }[];
  readonly checkpoint?: string;
  readonly witnesses?: readonly { readonly url: string; readonly key: string }[];
  readonly quorum?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variables that override caio.yaml, with what they override. */
const environmentOverrides = {
  CAIO_HOST: 'listen.host',
  CAIO_PORT: 'listen.port',
  CAIO_SIGNING_KEY: 'signing_key',
  CAIO_API_KEYS: 'api_keys',
  CAIO_SERVICES: 'services',
  CAIO_POLICIES: 'policies',
  CAIO_PARAMETERS: 'parameters',
  CAIO_DATA: 'storage.folder',
  CAIO_DATABASE_URL: 'storage',
  CAIO_CHECKPOINT: 'checkpoint',
  CAIO_OPENINGS: 'openings.folder',
} as const;

/** Reads caio.yaml. Paths in it are relative to it; paths in the environment to the working directory. */
export async function readConfiguration(file: string, environment: Environment): Promise<Configuration> {
  const wire = await parseFile(file, 'Configuration', 'invalid_configuration', parseConfiguration);
  const folder = dirname(resolve(file));
  const path = (
    variable: keyof typeof environmentOverrides,
    inFile: string | undefined,
  ): string | undefined => {
    const overriding = environment[variable];
    if (overriding !== undefined && overriding !== '') return resolve(overriding);
    return inFile === undefined ? undefined : resolve(folder, inFile);
  };
  const storage = await storageOf(wire.storage, folder, environment, (inFile) => path('CAIO_DATA', inFile));
  const witnesses = witnessesOf(wire.witnesses);
  const optional = {
    apiKeys: path('CAIO_API_KEYS', wire.api_keys),
    services: path('CAIO_SERVICES', wire.services),
    policies: path('CAIO_POLICIES', wire.policies),
    checkpoint:
      storage.driver === 'memory'
        ? undefined
        : path('CAIO_CHECKPOINT', wire.checkpoint ?? checkpointBeside(storage)),
    parameters: path('CAIO_PARAMETERS', wire.parameters),
    openings: openingsOf(
      wire.openings,
      openingsPlace(path('CAIO_OPENINGS', wire.openings?.folder), storage, folder),
      (reference) => (reference.startsWith('env:') ? reference : resolve(folder, reference)),
    ),
    jwt:
      wire.jwt === undefined
        ? undefined
        : { issuer: wire.jwt.issuer, audience: wire.jwt.audience, keySet: resolve(folder, wire.jwt.key_set) },
  };
  return {
    // An empty host would listen on every interface.
    host: environment.CAIO_HOST || wire.listen?.host || '127.0.0.1',
    port: portOf(environment.CAIO_PORT) ?? wire.listen?.port ?? 8080,
    signingKey: path('CAIO_SIGNING_KEY', wire.signing_key) as string,
    storage,
    snapshotEntries: wire.storage?.snapshot_entries ?? defaultSnapshotEntries,
    commits: commitBounds(wire.storage),
    witnesses,
    quorum: quorumOf(wire.quorum, witnesses.length),
    secrets: secretScope(wire.secrets, folder, environment),
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<Configuration>),
  };
}

/** A start then folds so many entries at most, in less than a second. */
const defaultSnapshotEntries = 10_000;

/** Not in the folder of the log: what puts an old copy of that back must not put back the checkpoint too. */
function checkpointBeside(storage: Exclude<StorageConfiguration, { readonly driver: 'memory' }>): string {
  return storage.driver === 'lmdb' ? `${storage.folder}.checkpoint` : 'log.checkpoint';
}

function commitBounds(storage: WireStorage | undefined): CommitBounds {
  return present<CommitBounds>({
    batchEntries: storage?.batch_entries,
    waitingAppends: storage?.waiting_appends,
    gatherMillis: storage?.gather_ms,
  });
}

async function storageOf(
  wire: WireStorage | undefined,
  home: string,
  environment: Environment,
  path: (inFile: string | undefined) => string | undefined,
): Promise<StorageConfiguration> {
  const address = await databaseOf(wire, home, environment);
  if (address !== undefined) return { driver: 'postgres', address };
  const folder = path(wire?.driver === 'lmdb' ? (wire.folder ?? 'data') : wire?.folder);
  if (wire?.driver !== 'memory' && folder !== undefined) return { driver: 'lmdb', folder };
  if (folder === undefined) return { driver: 'memory' };
  const message =
    'A folder for the log is given (storage.folder or CAIO_DATA), but the driver memory has none.';
  throw new CommandFailure('invalid_configuration', message);
}

function witnessesOf(wire: WireConfiguration['witnesses']): readonly WitnessAddress[] {
  const witnesses = (wire ?? []).map(({ url, key: text }) => {
    const key = parseVerifierKey(text);
    if (!key.ok || key.value.algorithm !== keyAlgorithm.cosignature) {
      const hint = 'caio witness init prints the verifier key of a witness.';
      const problems = key.ok ? [] : [key.error];
      const message = `${text} in witnesses is not the key of a witness.`;
      throw new CommandFailure('invalid_configuration', message, problems, hint);
    }
    return { url, key: key.value };
  });
  const names = witnesses.map(({ key }) => Buffer.from(key.publicKey).toString('hex'));
  if (new Set(names).size === names.length) return witnesses;
  throw new CommandFailure('invalid_configuration', 'One witness stands in witnesses twice.');
}

function quorumOf(wire: number | undefined, witnesses: number): number {
  if (wire === undefined || wire <= witnesses) return wire ?? witnesses;
  const message = `A quorum of ${wire} cannot be reached by ${witnesses} witnesses.`;
  throw new CommandFailure('invalid_configuration', message);
}

function openingsPlace(
  folder: string | undefined,
  storage: StorageConfiguration,
  home: string,
): OpeningsConfiguration['place'] {
  if (folder !== undefined) return { kind: 'folder', folder };
  if (storage.driver === 'postgres') return { kind: 'database', address: storage.address };
  return { kind: 'folder', folder: resolve(home, 'openings') };
}

function openingsOf(
  wire: WireConfiguration['openings'],
  place: OpeningsConfiguration['place'],
  keyPath: (reference: string) => string,
): OpeningsConfiguration | undefined {
  if (wire === undefined) return undefined;
  return {
    place,
    key: keyPath(wire.key),
    keep: Object.fromEntries(
      Object.entries(wire.keep ?? {}).map(([name, text]) => [name, durationMicros(text)]),
    ),
    payloads: wire.payloads ?? false,
  };
}

const unitDays = { d: 1, w: 7, y: 365 } as const;

/** `30d`, `8w`, `6y` (of 365 days), as the schema says. */
function durationMicros(text: string): number {
  const unit = unitDays[text.slice(-1) as keyof typeof unitDays];
  return Number(text.slice(0, -1)) * unit * 86_400 * 1_000_000;
}

function originOf(text: string): string {
  if (URL.canParse(text)) return new URL(text).origin;
  throw new CommandFailure(
    'invalid_configuration',
    `${text} in secrets is not an origin such as https://api.example.`,
  );
}

/** What contracts may name as a secret, and where each may be sent. File references become absolute. */
function secretScope(
  wire: WireConfiguration['secrets'],
  folder: string,
  environment: Environment,
): SecretScope {
  const grants = (wire ?? []).map(({ reference, origins }): [string, readonly string[]] => {
    const named = reference.startsWith('file:') ? `file:${resolve(folder, reference.slice(5))}` : reference;
    return [named, origins.map(originOf)];
  });
  return { environment, grants: new Map(grants) };
}

function parseConfiguration(document: SourceDocument): Result<WireConfiguration, readonly Problem[]> {
  const problems = checkShape('configuration', document);
  // The schema says that it is one.
  return problems.length > 0 ? err(problems) : ok(document.value as unknown as WireConfiguration);
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new CommandFailure('invalid_configuration', `CAIO_PORT ${text} is not a port (0 to 65535).`);
}
