import type { Command } from 'commander';
import { policyDigest } from '../../contracts/digests.js';
import { parsePolicy } from '../../contracts/parse-policy.js';
import { compilePolicies } from '../../orchestrator/load-policies.js';
import { asked, type ChangeCommandOptions, changeOptions } from '../change-options.js';
import { CommandFailure } from '../failure.js';
import { parseFile, parseFolder, readText } from '../files.js';
import { type CommandIo, tell } from '../io.js';

export function addPolicy(program: Command, io: CommandIo): void {
  const policy = program.command('policy').description('Check policies, and put them in force.');
  policy
    .command('check <path>')
    .description(
      'Check a policy, or every policy below a folder together: shape, types of every rule, contradictory contexts.',
    )
    .option('--json', 'print JSON')
    .action(async (path: string, options: { readonly json?: boolean }) => {
      const parsed = await parseFolder(path, 'Policies', 'invalid_policy', parsePolicy);
      const loaded = compilePolicies(parsed.map(({ value }) => value));
      if (!loaded.ok) {
        throw new CommandFailure('invalid_policy', `The policies of ${path} do not load.`, loaded.error);
      }
      const rows = parsed.map(({ file, value }) => ({
        file,
        id: value.id,
        version: value.version,
        rules: value.rules.length,
        digest: policyDigest(value),
      }));
      if (options.json === true) return io.out(`${JSON.stringify(rows)}\n`);
      for (const row of rows) {
        io.out(`${row.id} ${row.version} ok  ${row.rules} rules  ${row.digest.slice(0, 12)}…  ${row.file}\n`);
      }
      io.out(`${rows.length} policies, ${loaded.value.rules.length} rules are valid together\n`);
    });
  changeOptions(policy.command('put <file>'))
    .description('Put a policy in force in a running CAIO, or replace it by a new version.')
    .action(async (file: string, options: ChangeCommandOptions) => {
      await parseFile(file, 'Policy', 'invalid_policy', parsePolicy);
      const text = await readText(file, 'Policy');
      const { id, version, digest } = await asked(options, io, (client, change) =>
        client.putPolicy(text, change),
      );
      tell(io, options.json, { id, version, digest }, `${id} ${version} is in force  ${digest}\n`);
    });
  changeOptions(policy.command('remove <id>'))
    .description('Take a policy of a running CAIO out of force.')
    .action(async (id: string, options: ChangeCommandOptions) => {
      await asked(options, io, (client, change) => client.removePolicy(id, change));
      tell(io, options.json, { id, removed: true }, `${id} is out of force\n`);
    });
}
