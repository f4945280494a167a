import type { Command } from 'commander';
import { contractDigest } from '../../contracts/digests.js';
import { parseContract } from '../../contracts/parse-contract.js';
import { asked, type ChangeCommandOptions, changeOptions } from '../change-options.js';
import { parseFile, parseFolder, readText } from '../files.js';
import { type CommandIo, tell } from '../io.js';

interface JsonOption {
  readonly json?: boolean;
}

export function addContract(program: Command, io: CommandIo): void {
  const contract = program.command('contract').description('Check contracts, and register them.');
  contract
    .command('check <path>')
    .description(
      'Check a contract, or every contract below a folder; problems come with file, line and column.',
    )
    .option('--json', 'print JSON')
    .action(async (path: string, options: JsonOption) => {
      const parsed = await parseFolder(path, 'Contracts', 'invalid_contract', parseContract);
      const rows = parsed.map(({ file, value }) => ({
        file,
        id: value.id,
        version: value.version,
        digest: contractDigest(value),
      }));
      if (options.json === true) return io.out(`${JSON.stringify(rows)}\n`);
      for (const row of rows)
        io.out(`${row.id} ${row.version} ok  ${row.digest.slice(0, 12)}…  ${row.file}\n`);
      io.out(`${rows.length} ${rows.length === 1 ? 'contract is' : 'contracts are'} valid\n`);
    });
  contract
    .command('show <file>')
    .description('Print the normalised contract: what is digested, certified and read by rules.')
    .option('--json', 'print it on one line')
    .action(async (file: string, options: JsonOption) => {
      const value = await parseFile(file, 'Contract', 'invalid_contract', parseContract);
      const shown = { digest: contractDigest(value), contract: value };
      io.out(`${JSON.stringify(shown, undefined, options.json === true ? 0 : 2)}\n`);
    });
  changeOptions(contract.command('put <file>'))
    .description('Register a contract with a running CAIO, or replace it by a new version.')
    .action(async (file: string, options: ChangeCommandOptions) => {
      await parseFile(file, 'Contract', 'invalid_contract', parseContract);
      const text = await readText(file, 'Contract');
      const { id, version, digest } = await asked(options, io, (client, change) =>
        client.register(text, change),
      );
      tell(io, options.json, { id, version, digest }, `${id} ${version} is registered  ${digest}\n`);
    });
  changeOptions(contract.command('remove <id>'))
    .description('Remove a service from a running CAIO: no decision from then on selects it.')
    .action(async (id: string, options: ChangeCommandOptions) => {
      await asked(options, io, (client, change) => client.remove(id, change));
      tell(io, options.json, { id, removed: true }, `${id} is removed\n`);
    });
  changeOptions(contract.command('enable <id>'))
    .description('Let a disabled service take part in decisions again.')
    .action(async (id: string, options: ChangeCommandOptions) => {
      await asked(options, io, (client, change) => client.enable(id, change));
      tell(io, options.json, { id, enabled: true }, `${id} takes part in decisions\n`);
    });
  changeOptions(contract.command('disable <id>'))
    .description('Keep a service out of decisions without forgetting it.')
    .option('--reason <text>', 'why: one line, which the log keeps')
    .action(async (id: string, options: ChangeCommandOptions & { readonly reason?: string }) => {
      await asked(options, io, (client, change) => client.disable(id, options.reason, change));
      tell(io, options.json, { id, enabled: false }, `${id} is kept out of decisions\n`);
    });
}
