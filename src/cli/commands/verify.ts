import type { Command } from 'commander';
import { type Level, type VerificationReport, verify } from '../../verifier/index.js';
import { openingsReport, openingsText } from '../check-openings.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';
import { type CommandIo, paint } from '../io.js';
import { verifierKeyText } from '../verifier-key-option.js';

interface VerifyOptions {
  readonly key: string;
  readonly level?: string;
  readonly witness?: readonly string[];
  readonly quorum?: string;
  readonly openings?: string;
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
    .option('--witness <vkey...>', 'verifier keys, or files, of the witnesses that count for level 5')
    .option('--quorum <k>', 'how many of them must have cosigned; default: all')
    .option('--openings <file>', 'what is left of its openings: checks that they give its commitments')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', verifyHelp)
    .action(async (file: string, options: VerifyOptions) => exit(await runVerify(file, options, io)));
}

const verifyHelp = `
Levels: 1 authentic (who signed what), 2 correct (rules, contracts and promise of the selected services),
        3 optimal (the whole certificate derived again from the whole state), 4 recorded (the log has the decision,
        under a root that its operator signed), 5 witnessed (and witnesses saw no other history of the log).

With --openings, sealed values are held against the commitments of the certificate. Where they were erased they count as gone, and every
level still holds. A file of openings: GET /api/v1/traces/{id}/openings, for the credential that asked for the decision.

Exit codes: 0 every level asked for holds, 1 something is false (named first), 2 usage.

Example:
  caio verify decision.bundle.json --key caio.example+1a2b3c4d+AYqI…
  caio verify decision.bundle.json --key operator.vkey --witness one.vkey two.vkey --quorum 1`;

async function runVerify(file: string, options: VerifyOptions, io: CommandIo): Promise<number> {
  const level = levelOf(options.level);
  const key = await verifierKeyText(options.key);
  const witnesses = await Promise.all((options.witness ?? []).map(verifierKeyText));
  const quorum = quorumOf(options.quorum, witnesses.length);
  if (level === 5 && witnesses.length === 0) {
    throw new CommandFailure('usage', 'Level 5 needs the keys of the witnesses that count: --witness.');
  }
  const text = await readText(file, 'Bundle');
  const report = await verify(text, { key, witnesses, quorum, ...(level === undefined ? {} : { level }) });
  const keyFailure = report.levels.find(({ failure }) => failure?.code === 'key_malformed')?.failure;
  // Nothing was checked: exit code 1 would say that the certificate is false.
  if (keyFailure !== undefined)
    throw new CommandFailure('invalid_key', `--key or --witness: ${keyFailure.message}.`);
  const openings = await openingsReport(options.openings, report);
  const whole = openings === undefined ? report : { ...report, openings };
  const shown = `${openingsText(openings, io)}${reportText(report, io)}`;
  io.out(options.json === true ? `${JSON.stringify(whole)}\n` : shown);
  return report.holds && (openings?.false ?? []).length === 0 ? 0 : 1;
}

function levelOf(option: string | undefined): Level | undefined {
  if (option === undefined) return undefined;
  if (/^[1-5]$/.test(option)) return Number(option) as Level;
  throw new CommandFailure('usage', `--level ${option} is not 1, 2, 3, 4 or 5.`);
}

function quorumOf(option: string | undefined, witnesses: number): number {
  if (option === undefined) return witnesses;
  if (/^[1-9][0-9]?$/.test(option)) return Number(option);
  throw new CommandFailure('usage', `--quorum ${option} is not a number from 1 to 99.`);
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
