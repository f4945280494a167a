import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Verified, verifyFile } from './caio.js';
import type { Stage, Told } from './scenes.js';
import { forge, type Mutable, resign } from './tamper.js';
import { heading, paint, say } from './terminal.js';

type Change = Parameters<typeof resign>[2];

/** Every certificate, from its file, in a process of its own. */
export async function verifyAll({ caio, expectations }: Stage, decisions: readonly Told[]): Promise<void> {
  heading('The certificates are checked from their files by the independent verifier');
  const reports = await Promise.all(decisions.map(({ file }) => verifyFile(file, caio.verifierKey)));
  for (const [i, { name, file }] of decisions.entries()) {
    const report = reports[i] as Verified;
    const holds = report.code === 0 && report.holds && report.level === 3;
    expectations.check(`${name}: levels 1, 2 and 3 hold`, holds, failureOf(report));
    say(paint('dim', `      ${file}`));
  }
  say(paint('dim', '  attested by the operator, not checked:'));
  for (const line of reports[0]?.attested ?? []) say(paint('dim', `      ${line}`));
}

/** Copies that say something else than what was decided: signed with the real key, and once without it. */
export async function catchLies(
  { caio, expectations, folder }: Stage,
  decisions: readonly Told[],
): Promise<void> {
  heading('Lies, signed with the real key');
  const told = (name: string) => decisions.find((each) => each.name === name) as Told;
  const better: Change = (certificate) => {
    const first = certificate.ranking.best[0] as Mutable<(typeof certificate.ranking.best)[0]>;
    first.total += 1_000_000;
  };
  const excuse: Change = (certificate) => {
    for (const group of certificate.funnel.exclusions) {
      if (group.code === 'rule_violated') group.code = 'rule_error';
    }
  };
  const cheaper: Change = ({ outcome }) => {
    if (outcome.decision === 'routed') outcome.promise.cost_micro_usd = 1;
  };
  const lies = [
    { name: 'the winner’s score is raised', of: told('ordinary-chat'), change: better, least: 2 },
    { name: 'a lower price is promised', of: told('health-data'), change: cheaper, least: 2 },
    { name: 'another reason is given for cirrus', of: told('health-data'), change: excuse, least: 3 },
  ];
  const forged = join(folder, 'lie-unsigned.bundle.json');
  writeFileSync(forged, forge(told('ordinary-chat').decision.text, better));
  const files = lies.map(({ of, change }, i) => {
    const file = join(folder, `lie-${i + 1}.bundle.json`);
    writeFileSync(file, resign(of.decision.text, caio.signingKey, change));
    return file;
  });
  const reports = await Promise.all([...files, forged].map((file) => verifyFile(file, caio.verifierKey)));
  for (const [i, { name, least }] of lies.entries()) {
    const report = reports[i] as Verified;
    const failure = report.levels.find(({ holds }) => !holds);
    const caught = report.code === 1 && !report.holds && (failure?.level ?? 0) >= least;
    expectations.check(`${name}: caught, ${failureOf(report)}`, caught);
  }
  const unsigned = reports.at(-1) as Verified;
  const caught = unsigned.code === 1 && unsigned.level < 1;
  expectations.check(`the same without the key: caught, ${failureOf(unsigned)}`, caught);
}

function failureOf({ levels }: Verified): string {
  const failed = levels.find(({ holds }) => !holds);
  return failed?.failure === undefined
    ? 'nothing is wrong'
    : `level ${failed.level}: ${failed.failure.code} at ${failed.failure.path}`;
}
