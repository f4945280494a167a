import { type Command, Option } from 'commander';

/** The options that name the files of a state, the same wherever one is read. `optional`: the command can do without a state. */
export function stateOptions(command: Command, optional = false): Command {
  const services = new Option('--services <folder>', 'contracts: every .yaml, .yml and .json file below it');
  return command
    .addOption(services.makeOptionMandatory(!optional))
    .option('--policies <folder>', 'policies; none when not given')
    .option('--parameters <file>', 'parameters; the defaults when not given')
    .option('--history <file>', 'history epoch; none when not given')
    .option('--availability <file>', 'services that are disabled or held out; none when not given')
    .option('--json', 'print JSON');
}
