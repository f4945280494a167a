import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaio, verifyFile } from './caio.js';
import type { Stage, Told } from './scenes.js';
import { heading, paint, say } from './terminal.js';

/** The parts of an audit report that the demo shows. */
interface Audit {
  readonly code: number;
  readonly holds: boolean;
  readonly log: { readonly size: number; readonly root: string };
  readonly read: number;
  readonly decisions: { readonly checked: number };
  readonly attempts: { readonly total: number; readonly without_outcome: number };
  readonly assertions: readonly { readonly attempts: number; readonly counterexamples: number }[];
  readonly faults: {
    readonly total: number;
    readonly first: readonly { readonly index?: number; readonly code: string }[];
  };
}

const staysLocal =
  '!("phi" in request.data.contains) || service.privacy.locality == "local" || service.privacy.locality == "on_device"';
const allStaysLocal = 'service.privacy.locality == "local"';

/**
 * What was decided so far is in a log: a decision's place in it is proved, and one command proves a statement about every attempt that there was.
 * Then a copy of the log in which somebody changed one word of one entry.
 */
export async function auditLog(stage: Stage, decisions: readonly Told[]): Promise<void> {
  heading('The log: where a decision stands, and what is true of all of them');
  await proveOne(stage, decisions.find(({ name }) => name === 'health-data') as Told);
  await proveAll(stage);
  await catchRewriting(stage);
}

async function proveOne({ caio, expectations, folder }: Stage, { decision }: Told): Promise<void> {
  const file = join(folder, 'health-data.recorded.bundle.json');
  writeFileSync(file, await caio.client.bundle(decision.certificate.id, 4));
  const report = await verifyFile(file, caio.verifierKey, 4);
  const recorded = report.code === 0 && report.level === 4;
  expectations.check('health-data: level 4 holds, it is in the log under a signed root', recorded);
}

async function proveAll(stage: Stage): Promise<void> {
  const { caio, expectations } = stage;
  const source = ['--server', caio.url, '--key-file', caio.adminKeyFile];
  const report = await audit(stage, [...source, '--level', '3', '--assert', staysLocal]);
  const { log, read, decisions, attempts, assertions } = report;
  say(
    `  ${read} entries from the first to the root ${log.root.slice(0, 16)}…, ${decisions.checked} decisions derived again, ${attempts.total} attempts`,
  );
  const [assertion] = assertions;
  const all = assertion?.attempts === attempts.total && attempts.total > 0;
  expectations.check(
    `no health data ever left the premises: true of all ${attempts.total} attempts`,
    report.code === 0 && report.holds && read === log.size && all && assertion?.counterexamples === 0,
  );
  const other = await audit(stage, [...source, '--assert', allStaysLocal]);
  const [found] = other.assertions;
  expectations.check(
    `that nothing at all left is false, and the ${found?.counterexamples} attempts that did are named`,
    other.code === 1 && (found?.counterexamples ?? 0) > 0 && other.faults.first[0]?.index !== undefined,
  );
}

async function catchRewriting(stage: Stage): Promise<void> {
  const { caio, expectations, folder } = stage;
  const copy = join(folder, 'log');
  const made = await runCaio([
    ...['log', 'export', copy, '--server', caio.url],
    ...['--key-file', caio.adminKeyFile, '--json'],
  ]);
  expectations.check('the log is copied as tiles that other tools read', made.code === 0, made.complaint);
  const bundle = entriesFile(copy);
  const text = readFileSync(bundle, 'latin1');
  const [was, is] = ['"contains":["phi"]', '"contains":["pii"]'];
  const changed = text.includes(was);
  writeFileSync(bundle, text.replace(was, is), 'latin1');
  const report = await audit(stage, ['--tiles', copy]);
  const fault = report.faults.first[0];
  expectations.check(
    `one word of one entry is changed: caught, ${fault?.code} at entry ${fault?.index}`,
    changed && report.code === 1 && fault !== undefined,
  );
  say(paint('dim', `      ${copy}`));
}

/** The last bundle of entries: the demo makes fewer than 256. */
function entriesFile(copy: string): string {
  const size = Number(readFileSync(join(copy, 'checkpoint'), 'utf8').split('\n')[1]);
  return join(copy, 'tile', 'entries', '000.p', String(size));
}

async function audit({ caio }: Stage, args: readonly string[]): Promise<Audit> {
  const { code, output, complaint } = await runCaio([
    ...['audit', ...args],
    ...['--key', caio.verifierKey, '--jobs', '1', '--json'],
  ]);
  if (output === '') throw new Error(`caio audit said nothing: ${complaint}`);
  return { code, ...(JSON.parse(output) as Omit<Audit, 'code'>) };
}
