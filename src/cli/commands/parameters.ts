import type { Command } from 'commander';
import { formatParameters } from '../../contracts/format-parameters.js';
import { parseParameters } from '../../contracts/parse-parameters.js';
import { asked, type ChangeCommandOptions, changeOptions } from '../change-options.js';
import { type ClientOptions, clientOptions } from '../client-options.js';
import { parseFile } from '../files.js';
import { type CommandIo, tell } from '../io.js';

export function addParameters(program: Command, io: CommandIo): void {
  const parameters = program
    .command('parameters')
    .description('The parameters of a running CAIO: weights, zones, accepted issuers, approval.');
  clientOptions(parameters.command('show'))
    .description('Print the parameters in force.')
    .option('--json', 'print them on one line, with their digest')
    .action(async (options: ClientOptions & { readonly json?: boolean }) => {
      const answer = await asked(options, io, (client) => client.parameters());
      tell(io, options.json, answer, `${JSON.stringify(answer.parameters, undefined, 2)}\n`);
    });
  changeOptions(parameters.command('put <file>'))
    .description('Replace the parameters as a whole; what the file leaves out has its default.')
    .action(async (file: string, options: ChangeCommandOptions) => {
      const value = await parseFile(file, 'Parameters', 'invalid_parameters', parseParameters);
      const text = formatParameters(value);
      const { digest } = await asked(options, io, (client, change) => client.putParameters(text, change));
      tell(io, options.json, { digest }, `the parameters are in force  ${digest}\n`);
    });
}
