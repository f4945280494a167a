import type { Command } from 'commander';
import type { CaioClient, ChangeOptions } from '../sdk/client.js';
import { type ClientOptions, clientOf, clientOptions, failureOfServer } from './client-options.js';
import { readText } from './files.js';
import type { CommandIo } from './io.js';

/** What every command that changes the state of a server takes. */
export interface ChangeCommandOptions extends ClientOptions {
  readonly change?: string;
  readonly json?: boolean;
}

export function changeOptions(command: Command): Command {
  return clientOptions(command)
    .option('--change <note>', 'file with the signed change, where the server asks for approval')
    .option('--json', 'print JSON');
}

/** What the server answers, asked with the note that was given. */
export async function asked<Answer>(
  options: ChangeCommandOptions,
  io: CommandIo,
  ask: (client: CaioClient, change: ChangeOptions) => Promise<Answer>,
): Promise<Answer> {
  const change = options.change === undefined ? {} : { change: await readText(options.change, 'Change') };
  const client = await clientOf(options, io);
  return ask(client, change).catch((error: unknown) => {
    throw failureOfServer(error);
  });
}
