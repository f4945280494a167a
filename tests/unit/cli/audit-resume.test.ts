import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Audit } from '../../../src/auditor/audit.js';
import { LocalChecker } from '../../../src/auditor/decision-check.js';
import { reportOf } from '../../../src/auditor/report.js';
import { readProgress, saveProgress } from '../../../src/cli/audit/resume-file.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { entriesOf, liveLog, operatorKey } from '../../generators/lived-log.js';
import { type Published, publishLog } from '../../generators/published-log.js';
import { assertion, audited, auditPlan, beginAudit } from '../../support/audited.js';
import { scratchFolder } from '../../support/caio-command.js';

const plan = auditPlan(verifierKeyOf(operatorKey()), {
  assertions: [assertion('service.alignment.risk_ppm < 250000')],
});
let log: Published;
let scratch: Awaited<ReturnType<typeof scratchFolder>>;

beforeAll(async () => {
  scratch = await scratchFolder();
  const life = { seed: 3, decisions: 220, services: 15, rules: 5, changeEvery: 30 };
  log = publishLog(await entriesOf(await liveLog(life)), operatorKey());
}, 120_000);
afterAll(() => scratch.dispose());

/** An audit that stopped after one bundle, and the file of its state. */
async function stopped(name: string): Promise<string> {
  const progress = await beginAudit(log, plan);
  expect(await new Audit(log.source, plan, new LocalChecker(), progress).run(() => true)).toBe(false);
  await saveProgress(scratch.path(name), plan, progress);
  return scratch.path(name);
}

describe('the state file of an audit', () => {
  it('is gone on from, to the report of an audit that was not interrupted', async () => {
    const progress = await readProgress(await stopped('state'), plan);
    if (progress === undefined) throw new Error('no state');
    expect(progress.edge.size).toBe(256);
    expect(await new Audit(log.source, plan, new LocalChecker(), progress).run(() => false)).toBe(true);
    expect(canonicalText(reportOf(progress, plan))).toBe(canonicalText(await audited(log, plan)));
  });

  it('that is not there yet begins an audit', async () => {
    expect(await readProgress(scratch.path('none'), plan)).toBeUndefined();
  });

  it('of other options is refused', async () => {
    const file = await stopped('other');
    await expect(readProgress(file, { ...plan, from: 3 })).rejects.toThrow(/other options/);
    await expect(readProgress(file, { ...plan, assertions: [] })).rejects.toThrow(/other options/);
  });

  it('that was changed or cut short is refused', async () => {
    const file = await stopped('broken');
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(file, bytes);
    await expect(readProgress(file, plan)).rejects.toThrow(/not a whole one/);
    await writeFile(file, bytes.subarray(0, 100));
    await expect(readProgress(file, plan)).rejects.toThrow(/not a whole one/);
    await writeFile(file, 'x');
    await expect(readProgress(file, plan)).rejects.toThrow(/not a whole one/);
  });
});
