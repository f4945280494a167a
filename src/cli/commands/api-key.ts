import type { Command } from 'commander';
import { readDocument } from '../../contracts/document.js';
import { keyRecordDigest } from '../../log/change-statement.js';
import { parseGrant } from '../../server/identity/parse-grant.js';
import { mintKey } from '../api-keys-file.js';
import { asked, type ChangeCommandOptions, changeOptions } from '../change-options.js';
import { readChangeSubject, realm } from '../change-subject.js';
import { type ClientOptions, clientOptions, failureOfServer, transportOf } from '../client-options.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import { refuseExisting } from './key.js';

interface IssueOptions extends ClientOptions {
  readonly tenant: string;
  readonly scopes: string;
  readonly permissions: string;
  readonly trust: string;
  readonly days: string;
  readonly label?: string;
  readonly out: string;
  readonly verifierKey?: string;
  readonly offline?: boolean;
  readonly record?: string;
  readonly json?: boolean;
}

const dayMillis = 24 * 3600 * 1000;

export function addApiKey(program: Command, io: CommandIo): void {
  const key = program.command('api-key').description('API keys of a running CAIO: issue and revoke.');
  clientOptions(key.command('issue'))
    .description('Issue an API key and write it to a file of mode 0600; it is shown nowhere else.')
    .requiredOption('--tenant <tenant>', 'on whose behalf the key acts')
    .requiredOption('--out <file>', 'where the key goes')
    .option('--scopes <list>', 'what the API lets it do, by commas', 'decide,execute,traces')
    .option('--permissions <list>', 'what contracts ask callers to hold, by commas', '')
    .option('--trust <level>', 'trust level, 0 to 10', '1')
    .option('--days <n>', 'for how many days it holds', '90')
    .option('--label <text>', 'what it is for')
    .option('--verifier-key <vkey>', 'with its signing key the holder signs changes (caio change sign)')
    .option('--offline', 'draw the key here and ask nobody: its record is signed and put afterwards')
    .option('--record <file>', 'with --offline: where the record goes, which has no secret in it')
    .option('--json', 'print JSON')
    .addHelpText('after', issueHelp)
    .action((options: IssueOptions) => runIssue(options, io));
  changeOptions(key.command('put <record>'))
    .description('Put the record of a key that was drawn offline: from then on the key can be used.')
    .action(async (file: string, options: ChangeCommandOptions) => {
      const change = await readChangeSubject({ kind: 'key.put', file });
      if (change.kind !== 'key.put') return;
      const { id, expires } = await asked(options, io, (client, note) =>
        client.putKey(change.key.id, change.key, note),
      );
      tell(io, options.json, { id, expires }, `key ${id} can be used until ${expires}\n`);
    });
  changeOptions(key.command('revoke <id>'))
    .description('Revoke an API key: it is refused from the answer on.')
    .action(async (id: string, options: ChangeCommandOptions) => {
      await asked(options, io, (client, change) => client.revokeKey(id, change));
      tell(io, options.json, { id, revoked: true }, `${id} is revoked\n`);
    });
}

const issueHelp = `
Where keys have to be signed, nobody can sign for one that the server draws. Draw it here, sign its record, put it:
  caio api-key issue --offline --tenant acme --out acme.key --record acme.json
  caio change sign --kind key.put --file acme.json --origin caio.example --key alice.key --out acme.change
  caio api-key put acme.json --change acme.change`;

async function runIssue(options: IssueOptions, io: CommandIo): Promise<void> {
  await refuseExisting(options.out);
  const grant = {
    tenant: options.tenant,
    scopes: listOf(options.scopes),
    permissions: listOf(options.permissions),
    trust_level: wholeNumber(options.trust, '--trust', 10),
    expires: new Date(io.now() / 1000 + wholeNumber(options.days, '--days', 3650) * dayMillis).toISOString(),
    ...(options.label === undefined ? {} : { label: options.label }),
    ...(options.verifierKey === undefined ? {} : { verifier_key: options.verifierKey }),
  };
  if (options.offline === true) return drawOffline(grant, options, io);
  if (options.record !== undefined) throw new CommandFailure('usage', '--record needs --offline.');
  const transport = await transportOf(options, io);
  const body = { text: JSON.stringify(grant), type: 'application/json' } as const;
  const issued = await transport
    .json<{ readonly key: string; readonly id: string }>('POST', '/api/v1/keys', { body })
    .catch((error: unknown) => {
      throw failureOfServer(error);
    });
  await writeText(options.out, `${issued.key}\n`, 0o600).catch((error: unknown) => {
    const hint = `Nobody has the key that was issued: caio api-key revoke ${issued.id}`;
    throw new CommandFailure('io_failed', error instanceof Error ? error.message : String(error), [], hint);
  });
  const text = `key ${issued.id} is in ${options.out} (mode 0600, until ${grant.expires})\n`;
  tell(io, options.json, { id: issued.id, file: options.out, expires: grant.expires }, text);
}

/** The grant is read as the server would read it, so that the record can be put. */
async function drawOffline(grant: object, options: IssueOptions, io: CommandIo): Promise<void> {
  const { record: recordFile } = options;
  if (recordFile === undefined)
    throw new CommandFailure('usage', '--offline needs --record: where the record goes.');
  await refuseExisting(recordFile);
  const document = readDocument(JSON.stringify(grant), 'json');
  const parsed = document.ok ? parseGrant(document.value, realm) : document;
  if (!parsed.ok) throw new CommandFailure('invalid_key', 'No such key can be issued.', parsed.error);
  const { subject: _, ...clear } = parsed.value;
  const { key, record } = mintKey(clear);
  await writeText(options.out, `${key}\n`, 0o600);
  await writeText(recordFile, `${JSON.stringify(record, undefined, 2)}\n`);
  const made = { id: record.id, file: options.out, record: recordFile, digest: keyRecordDigest(record) };
  const text = `key ${record.id} is in ${options.out} (mode 0600), its record in ${recordFile}; nobody knows it yet\n`;
  tell(io, options.json, made, text);
}

function listOf(text: string): readonly string[] {
  return text.split(',').filter((item) => item !== '');
}

function wholeNumber(text: string, option: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new CommandFailure('usage', `${option} ${text} is not a whole number up to ${most}.`);
}
