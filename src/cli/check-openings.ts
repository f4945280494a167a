import { parseOpenings } from '../contracts/parse-openings.js';
import type { Certificate } from '../verifier/certificate-document.js';
import { commitment, type VerificationReport } from '../verifier/index.js';
import { CommandFailure } from './failure.js';
import { parseFile } from './files.js';
import { type CommandIo, paint } from './io.js';

/** What openings establish about the commitments of a certificate, by name. */
export interface OpeningsReport {
  /** Salt and value give the commitment. */
  readonly opened: readonly string[];
  /** They give another: the value is not the one that was decided about. */
  readonly false: readonly string[];
  /** A salt without a value, as of payloads: whoever has the value can check it. */
  readonly without_value: readonly string[];
  /** Neither. */
  readonly gone: readonly string[];
}

/** Holds a file of openings against the certificate that they are of, with the verifier's own commitments. */
async function checkOpenings(file: string, certificate: Certificate): Promise<OpeningsReport> {
  const { decision_id: decision, openings } = await parseFile(
    file,
    'Openings',
    'invalid_certificate',
    parseOpenings,
  );
  if (decision !== certificate.id) {
    throw new CommandFailure('usage', `${file} has the openings of ${decision}, not of ${certificate.id}.`);
  }
  const { commitments } = certificate.inputs;
  const strange = Object.keys(openings).filter((name) => !Object.hasOwn(commitments, name));
  const found = Object.entries(commitments).map(([name, committed]) => ({
    name,
    state: stateOf(committed, openings[name]),
  }));
  const named = (state: ReturnType<typeof stateOf>): readonly string[] =>
    found.filter((each) => each.state === state).map(({ name }) => name);
  return {
    opened: named('opened'),
    // An opening of what was never sealed opens nothing; results are committed to elsewhere, in outcomes.
    false: [...named('false'), ...strange.filter((name) => !name.startsWith('result.'))],
    without_value: named('without_value'),
    gone: named('gone'),
  };
}

function stateOf(
  committed: string,
  opening: { readonly salt: string; readonly value?: unknown } | undefined,
): 'opened' | 'false' | 'without_value' | 'gone' {
  if (opening === undefined) return 'gone';
  if (opening.value === undefined) return 'without_value';
  return commitment(Buffer.from(opening.salt, 'hex'), opening.value) === committed ? 'opened' : 'false';
}

/** Nothing is opened for a certificate that is not even authentic. */
export async function openingsReport(
  file: string | undefined,
  { certificate }: VerificationReport,
): Promise<OpeningsReport | undefined> {
  return file === undefined || certificate === undefined ? undefined : checkOpenings(file, certificate);
}

export function openingsText(report: OpeningsReport | undefined, io: CommandIo): string {
  if (report === undefined) return '';
  const listed = (names: readonly string[]): string => `${names.length} (${names.join(', ')})`;
  const lines = [`openings: ${report.opened.length} checked, ${report.gone.length} gone`];
  if (report.opened.length > 0)
    lines.push(`  ✓ the values that were decided about: ${listed(report.opened)}`);
  if (report.without_value.length > 0)
    lines.push(`  a salt and no value to check: ${listed(report.without_value)}`);
  if (report.gone.length > 0) lines.push(`  gone, nobody can open them from here: ${listed(report.gone)}`);
  if (report.false.length > 0)
    lines.push(
      `  ✗ ${paint(io, 'red', 'FALSE')}: other values than were decided about: ${listed(report.false)}`,
    );
  return `${lines.join('\n')}\n`;
}
