import type { Command } from 'commander';

/** The options that name the files of a state, the same wherever one is read. */
export function stateOptions(command: Command): Command {
  return command
    .requiredOption('--services <folder>', 'contracts: every .yaml, .yml and .json file below it')
    .option('--policies <folder>', 'policies; none when not given')
    .option('--parameters <file>', 'parameters; the defaults when not given')
    .option('--history <file>', 'history epoch; none when not given')
    .option('--availability <file>', 'services that are disabled or held out; none when not given')
    .option('--json', 'print JSON');
}
