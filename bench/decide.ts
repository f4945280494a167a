/**
 * How long a decision takes: p50 and p99 at (100 services, 50 rules), (1,000, 200) and (10,000, 1,000), certificate included and apart, and how long the
 * replacement of one contract takes. Everything is checked for correctness before it is measured.
 *
 * Absolute times are those of the machine that is printed; `ratio` is against canonical JSON of the request, measured in turn with the decisions of
 * the same run, and travels better. `--self-test` runs a second, slowed decision in turn with the first and exits 1 unless the difference is
 * seen. `--quick` measures less.
 */
import { cpus } from 'node:os';
import { canonicalText } from '../src/kernel/canonical.js';
import { compose } from '../src/orchestrator/compose.js';
import { control } from '../src/orchestrator/control-step.js';
import { decide } from '../src/orchestrator/decide.js';
import { admissible } from '../src/orchestrator/narrowing.js';
import {
  applyConstraints,
  applyRules,
  applySecurity,
  authenticate,
  matchContracts,
} from '../src/orchestrator/narrowing-steps.js';
import { optimise } from '../src/orchestrator/optimise.js';
import { type DecisionInputs, openQuestion } from '../src/orchestrator/question.js';
import { buildSnapshot, type Snapshot } from '../src/orchestrator/snapshot.js';
import { benchInputs, benchState } from './decide-world.js';

const sizes = [
  { services: 100, rules: 50, rounds: 40 },
  { services: 1_000, rules: 200, rounds: 30 },
  { services: 10_000, rules: 1_000, rounds: 10 },
] as const;
const requests = 64;
const quick = process.argv.includes('--quick');

function snapshotOf(state: Parameters<typeof buildSnapshot>[0], previous?: Snapshot): Snapshot {
  const built = buildSnapshot(state, previous);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return built.value;
}

function certificateOf(inputs: DecisionInputs, snapshot: Snapshot) {
  const decision = decide(inputs, snapshot);
  if (!decision.ok) throw new Error(JSON.stringify(decision.error));
  return decision.value.certificate;
}

/** Steps 0–7 without the certificate. */
function select(inputs: DecisionInputs, snapshot: Snapshot): unknown {
  const question = openQuestion(inputs, snapshot);
  if (!question.ok) throw new Error(JSON.stringify(question.error));
  const candidates = matchContracts(authenticate(question.value));
  const choice = admissible(applyConstraints(applySecurity(applyRules(candidates))));
  return choice === undefined ? undefined : compose(control(optimise(choice)));
}

/** What is measured must be right: arithmetic adds up, kept answers change nothing, and both outcomes occur. */
function check(all: readonly DecisionInputs[], services: number, rules: number): void {
  const state = benchState(services, rules);
  const warm = snapshotOf(state);
  const outcomes = { routed: 0, refused: 0 };
  let fired = 0;
  for (const inputs of all) {
    certificateOf(inputs, warm);
    const certificate = certificateOf(inputs, warm);
    const { funnel, ranking } = certificate;
    const excluded = funnel.exclusions.reduce((sum, { count }) => sum + count, funnel.other);
    if (excluded + ranking.considered !== services) throw new Error('the funnel does not add up');
    outcomes[certificate.outcome.decision] += 1;
    fired += certificate.rules.fired;
  }
  const cold = snapshotOf(state);
  const [first] = all;
  if (first === undefined) throw new Error('no request');
  if (canonicalText(certificateOf(first, warm)) !== canonicalText(certificateOf(first, cold))) {
    throw new Error('kept answers changed a certificate');
  }
  if (outcomes.routed === 0 || fired === 0) throw new Error('the requests reach too little');
  console.log(
    `  checked ${all.length} requests: ${outcomes.routed} routed, ${outcomes.refused} refused, ${(fired / all.length).toFixed(1)} of ${rules} rules fire`,
  );
}

/** Microseconds of each run of each task, the tasks in turn so that drift meets all alike. */
function measure(
  rounds: number,
  tasks: Record<string, (inputs: DecisionInputs) => unknown>,
  all: readonly DecisionInputs[],
) {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  const warmUp = Math.max(2, Math.ceil(rounds / 5));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const inputs of all) {
      for (const [name, task] of Object.entries(tasks)) {
        const start = process.hrtime.bigint();
        task(inputs);
        const micros = Number(process.hrtime.bigint() - start) / 1_000;
        if (round >= 0) times[name]?.push(micros);
      }
    }
  }
  return times;
}

function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** How far the medians of tenths of the run lie apart, relative to the median: a smaller change is not seen. */
function spread(times: readonly number[]): number {
  const tenth = Math.max(1, Math.floor(times.length / 10));
  const medians = Array.from({ length: 10 }, (_, i) =>
    quantile(times.slice(i * tenth, (i + 1) * tenth), 0.5),
  );
  const finite = medians.filter(Number.isFinite);
  return (Math.max(...finite) - Math.min(...finite)) / quantile(times, 0.5);
}

function report(times: Record<string, number[]>): void {
  const base = quantile(times.baseline ?? [], 0.5);
  for (const [name, of] of Object.entries(times)) {
    const [p50, p99] = [quantile(of, 0.5), quantile(of, 0.99)];
    console.log(
      `  ${name.padEnd(22)} p50 ${p50.toFixed(1).padStart(9)} µs   p99 ${p99.toFixed(1).padStart(9)} µs   ratio ${(p50 / base).toFixed(1).padStart(7)}   spread ${(100 * spread(of)).toFixed(0).padStart(3)} %   n ${of.length}`,
    );
  }
}

/** Replacing one contract: the next snapshot, roots included. */
function measureReplacement(state: ReturnType<typeof benchState>, start: Snapshot, rounds: number): number[] {
  const times: number[] = [];
  let snapshot = start;
  let contracts = state.contracts;
  for (let i = 0; i < rounds; i += 1) {
    const at = (i * 7_919) % contracts.length;
    const old = contracts[at];
    if (old === undefined) throw new Error('no contract');
    contracts = contracts.with(at, { ...old, version: `2.${i}`, zone: i % 2 === 0 ? 'edge' : 'default' });
    const begun = process.hrtime.bigint();
    snapshot = snapshotOf({ ...state, contracts }, snapshot);
    times.push(Number(process.hrtime.bigint() - begun) / 1_000);
  }
  const anew = snapshotOf({ ...state, contracts });
  if (anew.registry.set.root !== snapshot.registry.set.root)
    throw new Error('the replaced registry has another root');
  return times;
}

function selfTest(all: readonly DecisionInputs[]): boolean {
  const state = benchState(1_000, 200);
  const [first, second] = [snapshotOf(state), snapshotOf(state)];
  const plain = (inputs: DecisionInputs) => certificateOf(inputs, first);
  const slowed = (inputs: DecisionInputs) => {
    const begun = process.hrtime.bigint();
    certificateOf(inputs, second);
    const until = process.hrtime.bigint() + (process.hrtime.bigint() - begun);
    while (process.hrtime.bigint() < until);
  };
  const times = measure(
    quick ? 6 : 20,
    { baseline: ({ request }) => canonicalText(request), plain, slowed },
    all,
  );
  report(times);
  const factor = quantile(times.slowed ?? [], 0.5) / quantile(times.plain ?? [], 0.5);
  const caught = factor > 1.3;
  console.log(`self-test: planted 2, measured ${factor.toFixed(2)}: ${caught ? 'caught' : 'NOT CAUGHT'}`);
  return caught;
}

function main(): number {
  const all = benchInputs(requests);
  console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`);
  if (process.argv.includes('--self-test')) return selfTest(all) ? 0 : 1;
  for (const { services, rules, rounds } of sizes) {
    console.log(`\n${services} services, ${rules} rules`);
    check(all, services, rules);
    const state = benchState(services, rules);
    const begun = process.hrtime.bigint();
    const first = snapshotOf(state);
    console.log(`  snapshot from nothing ${(Number(process.hrtime.bigint() - begun) / 1e6).toFixed(0)} ms`);
    // One snapshot a task: what a snapshot has been asked before makes the next answer cheaper.
    const [second, third] = [snapshotOf(state), snapshotOf(state)];
    const tasks = {
      baseline: ({ request }: DecisionInputs) => canonicalText(request),
      'steps 0–7': (inputs: DecisionInputs) => select(inputs, first),
      decide: (inputs: DecisionInputs) => certificateOf(inputs, second),
      'decide, canonical': (inputs: DecisionInputs) => canonicalText(certificateOf(inputs, third)),
    };
    report({
      ...measure(quick ? 3 : rounds, tasks, all),
      'replace one contract': measureReplacement(state, first, quick ? 20 : 100),
    });
  }
  return 0;
}

process.exitCode = main();
