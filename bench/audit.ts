/**
 * Entries a second that the auditor checks in one thread, and the memory that it keeps, for logs of 20,000 and 100,000 decisions about 100 services that
 * the engine's own parts have written, 20 a second, with attempts, outcomes, epochs and changes of state. Seconds are those of the processor, which other
 * programs take nothing from; the wall's are beside them. Nothing counts unless the log holds and an assertion that is false of every attempt
 * has every attempt as a counterexample. What is remembered of decisions is that of one span, 630 s: from 12,600 decisions on a longer log needs no more.
 *
 * `--quick` measures 1,000 and 10,000, `--decisions N` just that; `--level 3` derives every certificate anew. Run it with --expose-gc, or memory is what was not yet collected.
 */
import { cpus } from 'node:os';
import { parseAssertion } from '../src/auditor/assertion.js';
import { Audit } from '../src/auditor/audit.js';
import { LocalChecker } from '../src/auditor/decision-check.js';
import type { AuditPlan } from '../src/auditor/plan.js';
import { newProgress } from '../src/auditor/progress.js';
import { type AuditReport, reportOf } from '../src/auditor/report.js';
import { findTarget } from '../src/auditor/target.js';
import { storedTiles } from '../src/log/stored-tiles.js';
import { verifierKeyOf } from '../src/proofs/signing-key.js';
import { liveLog, operatorKey } from '../tests/generators/lived-log.js';

const decisionsAt = process.argv.indexOf('--decisions');
const full = process.argv.includes('--quick') ? [1_000, 10_000] : [20_000, 100_000];
const sizes = decisionsAt === -1 ? full : [Number(process.argv[decisionsAt + 1])];
const level = process.argv.includes('3') ? 3 : 2;
const assertion = parseAssertion('service.alignment.risk_ppm < 0');
if (assertion === undefined) throw new Error('the assertion does not parse');

console.log(`${cpus()[0]?.model ?? 'cpu'}, ${cpus().length} cores, Node ${process.version}, level ${level}`);
for (const decisions of sizes) {
  const building = performance.now();
  const log = await liveLog({
    seed: 1,
    decisions,
    services: 100,
    rules: 100,
    changeEvery: 500,
    stepMicros: 50_000,
  });
  console.log(`built ${log.size} entries in ${((performance.now() - building) / 1e3).toFixed(1)} s`);
  const plan: AuditPlan = {
    key: verifierKeyOf(operatorKey()),
    witnesses: [],
    quorum: 0,
    from: 0,
    level,
    assertions: [assertion],
    listed: 10,
  };
  const source = storedTiles(log.storage, log.size);
  const { target } = await findTarget(source, Buffer.from(log.published.checkpoint), plan);
  const progress = newProgress(target, plan.assertions.length);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  const cpu = process.cpuUsage();
  await new Audit(source, plan, new LocalChecker(), progress).run(() => false);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  const wall = (performance.now() - started) / 1e3;
  globalThis.gc?.();
  const kept = process.memoryUsage().heapUsed - before;
  checkReport(reportOf(progress, plan));
  console.log(
    `${decisions} decisions, ${log.size} entries: ${seconds.toFixed(1)} s of processor (${wall.toFixed(1)} s), ${Math.round(log.size / seconds)} entries/s, keeps ${(kept / 1e6).toFixed(1)} MB, ${progress.memory?.decisions.size} decisions`,
  );
}

function checkReport({ faults, assertions }: AuditReport): void {
  const { attempts, counterexamples } = assertions[0] ?? { attempts: 0, counterexamples: 0 };
  const right = attempts > 0 && counterexamples === attempts && faults.total === counterexamples;
  if (!right) throw new Error(`the audit found something else: ${JSON.stringify(faults.by_code)}`);
}
