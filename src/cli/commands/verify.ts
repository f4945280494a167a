import type { Command } from 'commander';
import { type VerificationReport, verify } from '../../verifier/index.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';
import { type CommandIo, paint } from '../io.js';

interface VerifyOptions {
  readonly key: string;
  readonly level?: string;
  readonly json?: boolean;
}

export function addVerify(program: Command, io: CommandIo, exit: (code: number) => void): void {
  program
    .command('verify <file>')
    .description(
      'Check a signed certificate or bundle offline, level by level, with the independent verifier.',
    )
    .requiredOption('--key <vkey>', 'the verifier key, name+hash+base64, or a file that holds it')
    .option('--level <n>', 'the level that must hold; default: the highest that the file allows')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', verifyHelp)
    .action(async (file: string, options: VerifyOptions) => exit(await runVerify(file, options, io)));
}

const verifyHelp = `
Levels: 1 authentic (who signed what), 2 correct (rules, contracts and promise of the selected services),
        3 optimal (the whole certificate derived again from the whole state).
Exit codes: 0 every level asked for holds, 1 something is false (named first), 2 usage.

Example:
  caio verify decision.bundle.json --key caio.example+1a2b3c4d+AYqI…`;

async function runVerify(file: string, options: VerifyOptions, io: CommandIo): Promise<number> {
  const level = levelOf(options.level);
  const key = /^[^+\s]+\+[0-9a-f]{8}\+/.test(options.key)
    ? options.key
    : (await readText(options.key, 'Verifier key')).trim();
  const text = await readText(file, 'Bundle');
  const report = await verify(text, { key, ...(level === undefined ? {} : { level }) });
  const keyFailure = report.levels.find(({ failure }) => failure?.code === 'key_malformed')?.failure;
  // Nothing was checked: exit code 1 would say that the certificate is false.
  if (keyFailure !== undefined) throw new CommandFailure('invalid_key', `--key: ${keyFailure.message}.`);
  io.out(options.json === true ? `${JSON.stringify(report)}\n` : reportText(report, io));
  return report.holds ? 0 : 1;
}

function levelOf(option: string | undefined): 1 | 2 | 3 | undefined {
  if (option === undefined) return undefined;
  if (option === '1' || option === '2' || option === '3') return Number(option) as 1 | 2 | 3;
  throw new CommandFailure(
    'usage',
    `--level ${option} is not 1, 2 or 3.`,
    [],
    'Levels 4 and 5 need the audit log, which is not there yet.',
  );
}

const levelNames = { 1: 'authentic', 2: 'correct', 3: 'optimal', 4: 'recorded', 5: 'witnessed' } as const;

function reportText(report: VerificationReport, io: CommandIo): string {
  const lines: string[] = [];
  for (const level of report.levels) {
    const mark = level.holds ? paint(io, 'green', 'holds') : paint(io, 'red', 'FALSE');
    lines.push(`${paint(io, 'bold', `level ${level.level} ${levelNames[level.level]}`)}: ${mark}`);
    for (const established of level.established) lines.push(`  ✓ ${established}`);
    if (level.failure !== undefined) {
      const { code, path, message } = level.failure;
      lines.push(`  ✗ ${paint(io, 'red', code)} at ${path === '' ? 'the document' : path}: ${message}`);
    }
  }
  if (report.attested.length > 0) {
    lines.push(`attested by the operator, not checked here: ${report.attested.join(', ')}`);
  }
  lines.push(report.holds ? paint(io, 'green', 'verified') : paint(io, 'red', 'NOT verified'));
  return `${lines.join('\n')}\n`;
}
