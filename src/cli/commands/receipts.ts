import type { Command } from 'commander';
import { keyAlgorithm, parseVerifierKey, type VerifierKey } from '../../kernel/verifier-key.js';
import { credential } from '../client-options.js';
import { CommandFailure } from '../failure.js';
import { type CommandIo, paint } from '../io.js';
import {
  checkReceipts,
  type Gap,
  type ReceiptFinding,
  type ReceiptsReport,
} from '../receipts/check-receipts.js';
import { checkpointOf, entriesOf, logFolder, logOfServer, type ReadLogFile } from '../receipts/log-source.js';
import { type FalseReceipt, readReceipts } from '../receipts/read-receipts.js';
import { verifierKeyText } from '../verifier-key-option.js';

interface CheckOptions {
  readonly key: string;
  readonly server?: string;
  readonly log?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

export function addReceipts(program: Command, io: CommandIo, exit: (code: number) => void): void {
  program
    .command('receipts')
    .description('Receipts: what services and callers hold against the log.')
    .command('check <paths...>')
    .description(
      'Hold receipts, files or folders of them, against the log: each must be in it, where and with the number it says.',
    )
    .requiredOption('--key <vkey>', "the log's verifier key, or a file that holds it")
    .option(
      '--server <url>',
      'read the log of this CAIO; needs a key with scope log (--key-file or CAIO_API_KEY)',
    )
    .option('--key-file <file>', 'file with the API key for --server')
    .option('--log <folder>', 'read a log that was exported: a folder with checkpoint and tile/…')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', checkHelp)
    .action(async (paths: string[], options: CheckOptions) => exit(await runCheck(paths, options, io)));
}

const checkHelp = `
The whole log is read and hashed, and its root held against its signed checkpoint. A receipt that the log does not bear out shows that
something was left out of it, whoever signed it. Numbers that are missing between the receipts are looked up: an attempt with outcome
not_sent never arrived, another one may be of a receipt that was lost.
Exit codes: 0 the log bears out every receipt, 1 one of them is false or the log omits something, 2 usage.

Examples:
  caio receipts check receipts/ --key operator.vkey --server https://caio.example --key-file auditor.key
  caio receipts check decision.receipt.json --key operator.vkey --log exported-log`;

async function runCheck(paths: readonly string[], options: CheckOptions, io: CommandIo): Promise<number> {
  const text = await verifierKeyText(options.key);
  const key = logKeyOf(text);
  const read = await sourceOf(options, io);
  const { given, refuted } = await readReceipts(paths, key, text);
  const checkpoint = await checkpointOf(read, key);
  const progress = progressOn(io, checkpoint.size);
  const report = await checkReceipts(given, entriesOf(read, checkpoint.size), checkpoint, progress);
  const holds = refuted.length === 0 && report.findings.every(({ result }) => result === 'found');
  const whole = { holds, log: { origin: checkpoint.origin, size: report.size }, refuted, ...report };
  io.out(options.json === true ? `${JSON.stringify(whole)}\n` : reportText(report, refuted, holds, io));
  return holds ? 0 : 1;
}

function logKeyOf(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.ok && key.value.algorithm === keyAlgorithm.ed25519) return key.value;
  throw new CommandFailure(
    'invalid_key',
    '--key is not the verifier key of a log.',
    key.ok ? [] : [key.error],
  );
}

async function sourceOf(options: CheckOptions, io: CommandIo): Promise<ReadLogFile> {
  const { server, log } = options;
  if ((server === undefined) === (log === undefined)) {
    throw new CommandFailure('usage', 'Say where the log is: --server URL or --log FOLDER, one of them.');
  }
  if (log !== undefined) return logFolder(log);
  if (server !== undefined && /^https?:/.test(server) && URL.canParse(server)) {
    return logOfServer(server, await credential(options, io));
  }
  throw new CommandFailure('usage', `${server} is not an http or https URL.`);
}

/** After two seconds, a line a second. */
function progressOn(io: CommandIo, size: number): (index: number) => void {
  let next = io.now() + 2_000_000;
  return (index) => {
    if (io.now() < next) return;
    next = io.now() + 1_000_000;
    io.err(`${index} of ${size} entries\n`);
  };
}

function reportText(
  { size, findings, gaps }: ReceiptsReport,
  refuted: readonly FalseReceipt[],
  holds: boolean,
  io: CommandIo,
): string {
  const lines = [
    ...refuted.map(({ file, why }) => `${paint(io, 'red', 'FALSE')} ${file}: ${why}`),
    ...findings.map((finding) => findingLine(finding, io)),
    ...gaps.map(gapLine),
    `${findings.length + refuted.length} receipts held against ${size} entries`,
    holds
      ? paint(io, 'green', 'the log bears out every receipt')
      : paint(io, 'red', 'the log does NOT bear them out'),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLine({ file, result, says }: ReceiptFinding, io: CommandIo): string {
  const mark = result === 'found' ? paint(io, 'green', 'found') : paint(io, 'red', result.toUpperCase());
  return `${mark} ${file}: ${says}`;
}

function gapLine({ service, number, index, decision, outcome }: Gap): string {
  const how = outcome ?? 'no outcome';
  return `no receipt of attempt ${number} at ${service}: the log has it at index ${index} (decision ${decision}, ${how})`;
}
