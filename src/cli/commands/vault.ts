import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { formatMasterKey, masterKeyOf } from '../../server/openings/master-key.js';
import { type ClientOptions, clientOptions, failureOfServer, transportOf } from '../client-options.js';
import { writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import { refuseExisting } from './key.js';

interface RotateOptions {
  readonly config: string;
  readonly newKey: string;
  readonly json?: boolean;
}

interface Swept {
  readonly expired: readonly {
    readonly retention: string;
    readonly openings: number;
    readonly log_index: number;
  }[];
}

export function addVault(program: Command, io: CommandIo): void {
  const vault = program
    .command('vault')
    .description('Where salts and sealed values are kept, beside the log: its key, and what has expired.');
  vault
    .command('key <file>')
    .description(
      'Make a vault key and write it to a file of mode 0600. Without it nothing that was sealed can be opened.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nName it in caio.yaml: openings.key. Example:\n  caio vault key vault.key')
    .action((file: string, options: { readonly json?: boolean }) => runKey(file, options.json, io));
  vault
    .command('rotate')
    .description(
      'Put every data key under a new vault key. CAIO must not be running; run again, it goes on where it was cut short.',
    )
    .requiredOption('--new-key <file>', 'the new vault key; made when the file is not there')
    .option('--config <file>', 'the configuration, which names the present key', 'caio.yaml')
    .option('--json', 'print JSON')
    .addHelpText('after', rotateHelp)
    .action((options: RotateOptions) => runRotate(options, io));
  clientOptions(vault.command('sweep'))
    .description(
      'Destroy now what its class does not let be kept any longer. CAIO does it by itself once an hour. Needs scope admin.',
    )
    .option('--json', 'print JSON')
    .action((options: ClientOptions & { readonly json?: boolean }) => runSweep(options, io));
}

const rotateHelp = `
Afterwards: name the new key in caio.yaml (openings.key), start CAIO, destroy the old key and its copies.

Example:
  caio vault rotate --config caio.yaml --new-key vault-2.key`;

async function runKey(file: string, json: boolean | undefined, io: CommandIo): Promise<void> {
  await refuseExisting(file);
  const key = masterKeyOf(randomBytes(32));
  await writeText(file, `${formatMasterKey(key)}\n`, 0o600);
  tell(io, json, { file, id: key.id }, `vault key ${key.id} is in ${file} (mode 0600)\n`);
}

async function runRotate(options: RotateOptions, io: CommandIo): Promise<void> {
  const { rotateVault } = await import('../rotate-vault.js');
  const { id, keys } = await rotateVault(options.config, options.newKey, io);
  const value = { file: options.newKey, id, keys };
  tell(
    io,
    options.json,
    value,
    `${keys} keys are under the vault key ${id}; set openings.key to ${options.newKey}\n`,
  );
}

async function runSweep(options: ClientOptions & { readonly json?: boolean }, io: CommandIo): Promise<void> {
  const transport = await transportOf(options, io);
  const swept = await transport.json<Swept>('POST', '/api/v1/sweeps').catch((error: unknown) => {
    throw failureOfServer(error);
  });
  const lines = swept.expired.map(
    ({ retention, openings, log_index: index }) =>
      `${openings} openings of class ${retention} are gone; the log says so at ${index}\n`,
  );
  tell(io, options.json, swept, lines.length === 0 ? 'nothing has expired\n' : lines.join(''));
}
