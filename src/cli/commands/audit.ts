import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { Audit } from '../../auditor/audit.js';
import { type DecisionChecker, LocalChecker } from '../../auditor/decision-check.js';
import type { AuditPlan } from '../../auditor/plan.js';
import { newProgress, type Progress } from '../../auditor/progress.js';
import { reportOf } from '../../auditor/report.js';
import type { UnsignedHead } from '../../auditor/source.js';
import { countFaults } from '../../auditor/tally.js';
import { findTarget } from '../../auditor/target.js';
import { canonicalText } from '../../kernel/canonical.js';
import { digestToBytes } from '../../kernel/digest.js';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import { LogFalsehood } from '../../verifier/log-falsehood.js';
import { type PlanOptions, planOf } from '../audit/audit-plan.js';
import { reportText } from '../audit/report-text.js';
import { readProgress, saveProgress } from '../audit/resume-file.js';
import { signReport } from '../audit/signed-report.js';
import { WorkerPool } from '../audit/worker-pool.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import { jobsOption } from '../log/natural-option.js';
import type { LogSource } from '../log-source/log-source.js';
import { openSource, type SourceOptions, sourceHelp, sourceOptions } from '../log-source/open-source.js';
import { progressOf } from '../progress.js';

interface AuditOptions extends SourceOptions, PlanOptions {
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly report?: string;
  readonly signReport?: string;
  readonly jobs?: string;
  readonly json?: boolean;
}

const every = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export function addAudit(program: Command, io: CommandIo, exit: (code: number) => void): void {
  sourceOptions(program.command('audit'))
    .description(
      'Read all of the log, from its first entry to a signed root, and check every entry, decision and attempt.',
    )
    .option(
      '--key <vkey>',
      'verifier key of the log, or a file that holds it; default: the one that the log names itself',
    )
    .option('--checkpoint <file>', 'audit under this signed checkpoint; default: the latest of the log')
    .option('--since <file>', 'a checkpoint trusted from before: the log must begin with what it covers')
    .option('--witness <vkey>', 'verifier key of a witness, or a file; once for each', every)
    .option('--quorum <k>', 'how many of the witnesses must have cosigned; default: all')
    .option('--assert <cel>', 'a statement that must be true of every attempt; once for each', every)
    .option(
      '--from <n>',
      'check and assert the decisions from this index on; the log is read from its beginning',
    )
    .option('--to <n>', 'and those below this one')
    .option('--level <2|3>', 'how far each decision is checked: 2 correct, 3 optimal', '2')
    .option('--sample <n>', 'draw so many decisions to be checked at level 3')
    .option('--seed <text>', 'what the sample is drawn by; default: random, printed in the report')
    .option('--resume <file>', 'keep the state of the audit there, and go on from it when it is there')
    .option('--report <file>', 'write the report there, as canonical JSON')
    .option('--sign-report <file>', "with --report: sign it with the auditor's own key (DSSE)")
    .option('--list <n>', 'list so many faults; all are counted', '100')
    .option('--jobs <n>', 'threads that check decisions; default: one a core')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', `${sourceHelp}\n${auditHelp}`)
    .action(async (options: AuditOptions) => exit(await runAudit(options, io)));
}

const auditHelp = `
An assertion is an expression of the policy fragment of CEL over request, context, user, service (the contract in force), and now. It is
evaluated for every attempt, and one that errs is a counterexample.
Every fault is named with the index of its entry. The same log and options give the same report, byte for byte.
Exit codes: 0 all of it holds, 1 something is false, 2 usage, 4 the log could not be read.

Examples:
  caio audit --server http://127.0.0.1:8080 --key verifier.key
  caio audit --tiles copy --key verifier.key --since kept-checkpoint --resume audit.state --report audit.json
  caio audit --postgres env:DATABASE_URL --sign signing.key --key verifier.key
  caio audit --config caio.yaml --assert '!("phi" in request.data.contains) || "EU" in service.privacy.jurisdictions'`;

const savedEveryEntries = 50_000;
/** As a shell says it of SIGINT. */
const interrupted = 130;

async function runAudit(options: AuditOptions, io: CommandIo): Promise<number> {
  const plan = await planOf(options);
  const jobs = options.jobs === undefined ? availableParallelism() : jobsOption(options.jobs);
  if (options.signReport !== undefined && options.report === undefined) {
    throw new CommandFailure('usage', '--sign-report signs the file of --report.');
  }
  const source = await openSource(options, io);
  try {
    const progress = await begin(source, plan, options);
    const pool = jobs > 1 ? new WorkerPool(jobs) : undefined;
    const checker = pool ?? new LocalChecker();
    const whole = await readOn(source, plan, checker, progress, options, io).finally(() => pool?.close());
    return whole ? await conclude(plan, progress, options, io) : interrupted;
  } finally {
    await source.close();
  }
}

async function begin(source: LogSource, plan: AuditPlan, options: AuditOptions): Promise<Progress> {
  const kept = options.resume === undefined ? undefined : await readProgress(options.resume, plan);
  if (kept !== undefined) return kept;
  try {
    const { target, faults } = await findTarget(source, await rootOf(source, options), plan);
    const progress = newProgress(target, plan.assertions.length);
    countFaults(progress.tally, faults, plan.listed);
    return progress;
  } catch (error) {
    if (!(error instanceof LogFalsehood)) throw error;
    const code = error.code === 'key_malformed' ? 'invalid_key' : 'verification_failed';
    throw new CommandFailure(code, `${source.place}: ${error.message} (${error.code}).`);
  }
}

/** A store has no checkpoint; without a key to sign one the audit is of what the store says, and says so. */
async function rootOf(source: LogSource, options: AuditOptions): Promise<Uint8Array | UnsignedHead> {
  if (options.checkpoint !== undefined) return encodeUtf8(await readText(options.checkpoint, 'Checkpoint'));
  const unsigned = (options.log ?? options.postgres) !== undefined && options.sign === undefined;
  if (!unsigned) return encodeUtf8(await source.checkpoint());
  const { size, root } = await source.head();
  return { size, root: digestToBytes(root) };
}

/** True at the end; false when it was interrupted and its state is kept. */
async function readOn(
  source: LogSource,
  plan: AuditPlan,
  checker: DecisionChecker,
  progress: Progress,
  { resume }: AuditOptions,
  io: CommandIo,
): Promise<boolean> {
  const shown = progressOf(io, `auditing ${source.place}`, progress.target.size);
  const audit = new Audit(source, plan, checker, progress);
  let saved = progress.edge.size;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  if (resume !== undefined) process.once('SIGINT', stop);
  const pause = ({ edge }: Progress): boolean => {
    shown.at(edge.size);
    return resume !== undefined && (stopped || edge.size - saved >= savedEveryEntries);
  };
  try {
    while (!(await audit.run(pause))) {
      saved = progress.edge.size;
      if (resume !== undefined) await saveProgress(resume, plan, progress);
      if (!stopped) continue;
      io.err(
        `stopped after ${saved} of ${progress.target.size} entries; the same command goes on from there\n`,
      );
      return false;
    }
    return true;
  } finally {
    shown.end();
    process.removeListener('SIGINT', stop);
  }
}

async function conclude(
  plan: AuditPlan,
  progress: Progress,
  { report: file, signReport: keyFile, json }: AuditOptions,
  io: CommandIo,
): Promise<number> {
  const report = reportOf(progress, plan);
  if (file !== undefined) {
    const written = keyFile === undefined ? report : signReport(report, await signingKey(keyFile));
    await writeText(file, `${canonicalText(written)}\n`);
  }
  tell(io, json, report, reportText(report, io));
  return report.holds ? 0 : 1;
}

async function signingKey(file: string) {
  const key = parseSigningKey(await readText(file, 'Signing key'));
  if (key.ok) return key.value;
  throw new CommandFailure('invalid_key', `${file} is not a signing key.`, [key.error]);
}
