import type { Command } from 'commander';
import { contractDigest } from '../../contracts/digests.js';
import { parseContract } from '../../contracts/parse-contract.js';
import { parseFile, parseFolder } from '../files.js';
import type { CommandIo } from '../io.js';

interface JsonOption {
  readonly json?: boolean;
}

export function addContract(program: Command, io: CommandIo): void {
  const contract = program.command('contract').description('Check contracts before they are registered.');
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
}
