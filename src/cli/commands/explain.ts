import type { Command } from 'commander';
import { parsePolicy } from '../../contracts/parse-policy.js';
import { explain } from '../../orchestrator/explain.js';
import { readCertificate } from '../certificate-file.js';
import { parseFolder } from '../files.js';
import type { CommandIo } from '../io.js';

interface ExplainOptions {
  readonly policies?: string;
  readonly json?: boolean;
}

export function addExplain(program: Command, io: CommandIo): void {
  program
    .command('explain <file>')
    .description(
      'Tell why a decision came out as it did: the funnel, the exclusions, the scores, the promise.',
    )
    .option('--policies <folder>', 'policies, to print the reasons that their rules give')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nReads a certificate, an envelope or a bundle. It explains; it does not verify (caio verify does).',
    )
    .action(async (file: string, options: ExplainOptions) => {
      const certificate = await readCertificate(file);
      const policies =
        options.policies === undefined
          ? []
          : await parseFolder(options.policies, 'Policies', 'invalid_policy', parsePolicy);
      const explanation = explain(certificate, { policies: policies.map(({ value }) => value) });
      io.out(options.json === true ? `${JSON.stringify(explanation)}\n` : explanation.text);
    });
}
