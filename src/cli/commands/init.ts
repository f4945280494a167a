import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { formatSigningKey, signingKeyOf, verifierKeyOf } from '../../proofs/signing-key.js';
import { formatMasterKey, masterKeyOf } from '../../server/openings/master-key.js';
import { formatApiKeys, mintKey } from '../api-keys-file.js';
import { databaseReference } from '../database-url.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import type { CommandIo } from '../io.js';
import { refuseExisting } from './key.js';

interface InitOptions {
  readonly name: string;
  readonly postgres?: string;
  readonly json?: boolean;
}

const yearMicros = 365 * 24 * 3600 * 1_000_000;

export function addInit(program: Command, io: CommandIo): void {
  program
    .command('init <folder>')
    .description(
      'Make a folder to run CAIO from: caio.yaml, a signing key, an admin key, empty services/ and policies/.',
    )
    .option('--name <name>', 'the name in every signature, usually the host name people know', 'caio.local')
    .option(
      '--postgres <reference>',
      'keep the log in PostgreSQL; its URL stands in the environment (env:NAME) or in a file (file:PATH)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nKeys are written with mode 0600 and never overwritten. Next: caio serve --config <folder>/caio.yaml' +
        '\nWith --postgres env:DATABASE_URL the URL is read when the server starts: postgres://user:password@host:5432/database.',
    )
    .action((folder: string, options: InitOptions) => runInit(folder, options, io));
}

async function runInit(folder: string, options: InitOptions, io: CommandIo): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const names = ['caio.yaml', 'signing.key', 'vault.key', 'admin.key', 'api-keys.json'] as const;
  const [config, signing, vault, admin, keys] = names.map(file) as [string, string, string, string, string];
  for (const path of [config, signing, vault, admin, keys]) await refuseExisting(path);
  const signingKey = signingKeyOf(options.name, randomBytes(32));
  if (!signingKey.ok)
    throw new CommandFailure('usage', `--name ${options.name} is not a key name.`, [signingKey.error]);
  const storage = storageText(options.postgres);
  const now = io.now();
  const { key, record } = mintKey({
    label: 'admin, made by caio init',
    tenant: 'admin',
    permissions: [],
    trust_level: 10,
    scopes: ['admin'],
    not_before: now,
    expires: now + yearMicros,
  });
  for (const name of ['services', 'policies']) await mkdir(file(name), { recursive: true });
  await writeText(signing, `${formatSigningKey(signingKey.value)}\n`, 0o600);
  await writeText(vault, `${formatMasterKey(masterKeyOf(randomBytes(32)))}\n`, 0o600);
  await writeText(admin, `${key}\n`, 0o600);
  await writeText(keys, formatApiKeys([record]), 0o600);
  await writeText(config, configurationText(storage, options.postgres === undefined));
  await writeText(file('.gitignore'), ignoredByGit);
  const made = {
    folder,
    configuration: config,
    verifier_key: verifierKeyOf(signingKey.value),
    admin_key_file: admin,
  };
  io.out(options.json === true ? `${JSON.stringify(made)}\n` : summary(made));
}

/** The folder is often made inside a checkout: its secrets must not be committed by a mistake. */
const ignoredByGit = '*.key\napi-keys.json\nopenings/\n';

const lmdbText = `  driver: lmdb                   # memory forgets everything at the end
  folder: data`;

/** The lines of `storage`. What looks like a URL is refused without being shown: it holds a password, and the file may be shared. */
function storageText(postgres: string | undefined): string {
  if (postgres === undefined) return lmdbText;
  if (databaseReference.test(postgres)) return `  driver: postgres\n  url: ${JSON.stringify(postgres)}`;
  throw new CommandFailure(
    'usage',
    '--postgres takes where the URL of the database stands, env:NAME or file:PATH, and not the URL itself.',
  );
}

const configurationText = (
  storage: string,
  folder: boolean,
): string => `# CAIO. Every path is relative to this file. Environment variables override: CAIO_HOST, CAIO_PORT,
# CAIO_SIGNING_KEY, CAIO_API_KEYS, CAIO_SERVICES, CAIO_POLICIES, CAIO_PARAMETERS, CAIO_CHECKPOINT, CAIO_DATA, CAIO_DATABASE_URL,
# CAIO_OPENINGS.
listen:
  host: 127.0.0.1
  port: 8080
signing_key: signing.key
api_keys: api-keys.json
storage:                         # the log: what is registered, decided and revoked
${storage}
openings:                        # salts and sealed values, which may have to be forgotten: beside the log, never in it
${folder ? '  folder: openings' : '  # folder: openings            # a folder is for one process; without it they are in the database, for all that share the log'}
  key: vault.key                 # or env:NAME; without it nothing that was sealed can be opened
  # keep: {internal: 90d, restricted: 6y}   # after the day of the decision; without, until erased
services: services               # services, policies and api_keys are what a new log begins with; afterwards the log says
policies: policies
# parameters: parameters.yaml
# checkpoint: data.checkpoint     # what was published last, outside the folder of the log: a log that was rolled back does not start
# witnesses:                      # who cosigns what the log says of itself; decisions do not wait for them
#   - url: https://witness.example
#     key: witness.example+1a2b3c4d+BBcx...
# quorum: 1                       # how many of them make a checkpoint witnessed; all when left out
# secrets:                        # what contracts may name as a secret, and where it may be sent; nothing else can be
#   - reference: env:OPENAI_API_KEY
#     origins: [https://api.openai.com]
# jwt:
#   issuer: https://login.example
#   audience: caio
#   key_set: jwks.json
`;

function summary(made: {
  readonly folder: string;
  readonly configuration: string;
  readonly verifier_key: string;
  readonly admin_key_file: string;
}): string {
  return `made ${made.folder}
  verifier key  ${made.verifier_key}
                give it to whoever checks decisions
  admin key     in ${made.admin_key_file} (mode 0600, valid for a year)

Next:
  caio serve --config ${made.configuration}
  CAIO_API_KEY=$(cat ${made.admin_key_file}) caio doctor --url http://127.0.0.1:8080
`;
}
