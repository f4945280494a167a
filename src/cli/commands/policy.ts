import type { Command } from 'commander';
import { policyDigest } from '../../contracts/digests.js';
import { parsePolicy } from '../../contracts/parse-policy.js';
import { compilePolicies } from '../../orchestrator/load-policies.js';
import { CommandFailure } from '../failure.js';
import { parseFolder } from '../files.js';
import type { CommandIo } from '../io.js';

export function addPolicy(program: Command, io: CommandIo): void {
  const policy = program.command('policy').description('Check policies before they are live.');
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
}
