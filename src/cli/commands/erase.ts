import type { Command } from 'commander';
import { type ClientOptions, clientOptions, failureOfServer, transportOf } from '../client-options.js';
import { type CommandIo, tell } from '../io.js';

interface SubjectOptions extends ClientOptions {
  readonly subject: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

interface HoldOptions extends SubjectOptions {
  readonly release?: boolean;
}

interface Erased {
  readonly openings: number;
  readonly log_index?: number;
  readonly salt?: string;
}

interface Held {
  readonly since: string;
  readonly log_index?: number;
}

export function addErase(program: Command, io: CommandIo): void {
  aboutSubject(program.command('erase'))
    .description(
      'Erase a subject: what was sealed about it can never be opened again. Every proof keeps holding.',
    )
    .addHelpText('after', eraseHelp)
    .action((options: SubjectOptions) => runErase(options, io));
}

export function addHold(program: Command, io: CommandIo): void {
  aboutSubject(program.command('hold'))
    .description(
      'Set a legal hold: what is kept about a subject is neither erased nor expires. --release lifts it.',
    )
    .option('--release', 'lift the hold')
    .addHelpText('after', holdHelp)
    .action((options: HoldOptions) => runHold(options, io));
}

function aboutSubject(command: Command): Command {
  return clientOptions(command)
    .requiredOption('--subject <text>', 'whom, as requests, API keys or tokens name it')
    .option('--tenant <tenant>', 'of which tenant; default: that of the key. Only an admin may name another')
    .option('--json', 'print JSON');
}

const eraseHelp = `
Destroys the data keys of the subject, then its salts and sealed values, then appends an erasure to the log, which names nobody. It cannot
be undone. Once more finds nothing, and is no error. API keys that name the subject work on without it. Needs scope erase.
Copies elsewhere (backups, snapshots of the disk) have to be destroyed where they are: docs/operations/erasure.md.

Exit codes: 0 erased, or nothing was kept; 3 a legal hold keeps it.

Example:
  caio erase --subject patient-17 --tenant acme --key-file admin.key`;

const holdHelp = `
Setting a hold that is set, changes nothing. Both are in the log, which names nobody. Needs scope erase.

Examples:
  caio hold --subject patient-17 --tenant acme --key-file admin.key
  caio hold --subject patient-17 --tenant acme --key-file admin.key --release`;

async function runErase(options: SubjectOptions, io: CommandIo): Promise<void> {
  const erased = await ask<Erased>('POST', '/api/v1/erasures', options, io);
  tell(io, options.json, erased, erasedText(erased));
}

function erasedText({ openings, log_index: index, salt }: Erased): string {
  if (index === undefined) return 'nothing was kept about this subject\n';
  const receipt =
    salt === undefined
      ? ''
      : `the entry is about this subject: keep the salt ${salt} to show it; nobody else has it\n`;
  return `${openings} openings are gone; the log says so at ${index}\n${receipt}`;
}

async function runHold(options: HoldOptions, io: CommandIo): Promise<void> {
  const method = options.release === true ? 'DELETE' : 'PUT';
  const held = await ask<Held>(method, '/api/v1/holds', options, io);
  const recorded = held.log_index === undefined ? '' : `; the log says so at ${held.log_index}`;
  const text = options.release === true ? 'the hold is lifted' : `held since ${held.since}`;
  tell(io, options.json, held, `${text}${recorded}\n`);
}

async function ask<Answer>(
  method: string,
  path: string,
  { subject, tenant, ...options }: SubjectOptions,
  io: CommandIo,
): Promise<Answer> {
  const transport = await transportOf(options, io);
  const text = JSON.stringify({ subject, ...(tenant === undefined ? {} : { tenant }) });
  return transport
    .json<Answer>(method, path, { body: { text, type: 'application/json' } })
    .catch((error: unknown) => {
      throw failureOfServer(error);
    });
}
