import type { Command } from 'commander';
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
    .option('--json', 'print JSON')
    .action((options: IssueOptions) => runIssue(options, io));
  clientOptions(key.command('revoke <id>'))
    .description('Revoke an API key: it is refused from the answer on.')
    .option('--json', 'print JSON')
    .action(async (id: string, options: ClientOptions & { readonly json?: boolean }) => {
      const transport = await transportOf(options, io);
      await transport.text('DELETE', `/api/v1/keys/${encodeURIComponent(id)}`).catch((error: unknown) => {
        throw failureOfServer(error);
      });
      tell(io, options.json, { id, revoked: true }, `${id} is revoked\n`);
    });
}

async function runIssue(options: IssueOptions, io: CommandIo): Promise<void> {
  await refuseExisting(options.out);
  const grant = {
    tenant: options.tenant,
    scopes: listOf(options.scopes),
    permissions: listOf(options.permissions),
    trust_level: wholeNumber(options.trust, '--trust', 10),
    expires: new Date(io.now() / 1000 + wholeNumber(options.days, '--days', 3650) * dayMillis).toISOString(),
    ...(options.label === undefined ? {} : { label: options.label }),
  };
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

function listOf(text: string): readonly string[] {
  return text.split(',').filter((item) => item !== '');
}

function wholeNumber(text: string, option: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new CommandFailure('usage', `${option} ${text} is not a whole number up to ${most}.`);
}
