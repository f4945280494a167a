import { bundleVerdicts } from '../../tests/differential/bundles-hold.js';
import { answersOf, disagreementIn } from '../../tests/differential/engine-verifier-answers.js';
import {
  describeDisagreement,
  keepDisagreement,
  keepRefusedBundle,
} from '../../tests/differential/kept-disagreement.js';
import { drawWorld, type World } from '../../tests/generators/decision.js';
import { type Pool, samplePool } from '../../tests/generators/pool.js';

/** One process of the run: worlds of one seed until the time is up or something differs. Speaks to its parent in messages. */
const [seed = 0, seconds = 0] = process.argv.slice(2).map(Number);
const end = Date.now() + seconds * 1_000;
const worldsPerPool = 4_000;
const counts = { cases: 0, routed: 0, refused: 0, invalid: 0, bundles: 0 };

const poolOf = (index: number): Pool => samplePool(seed * 1_000 + Math.floor(index / worldsPerPool), 400);

async function main(): Promise<void> {
  let pool = poolOf(0);
  let reported = Date.now();
  for (let index = 0; Date.now() < end; index += 1) {
    if (index > 0 && index % worldsPerPool === 0) pool = poolOf(index);
    if (!(await agree(drawWorld(seed, index, pool), index))) break;
    if (Date.now() - reported < 1_000) continue;
    reported = Date.now();
    process.send?.({ kind: 'progress', counts });
  }
  process.send?.({ kind: 'progress', counts });
}

async function agree(world: World, index: number): Promise<boolean> {
  const name = `seed-${seed}-world-${index}`;
  const answers = answersOf(world);
  for (const { certificate } of answers) {
    counts.cases += 1;
    counts[certificate?.outcome.decision ?? 'invalid'] += 1;
  }
  const differing = disagreementIn(answers);
  if (differing !== undefined) {
    const file = keepDisagreement(world, name, differing.kind);
    found(`${name}: ${describeDisagreement(answers, differing)}\nkept in ${file}`);
    return false;
  }
  if (index % 10 !== 0) return true;
  for (const { level, verdict } of await bundleVerdicts(world, answers)) {
    counts.bundles += 1;
    if (verdict === 'holds') continue;
    const file = keepRefusedBundle(world, name);
    found(`${name}: a bundle of level ${level} is refused: ${verdict}
kept in ${file}`);
    return false;
  }
  return true;
}

function found(text: string): void {
  process.send?.({ kind: 'found', text });
}

await main();
process.disconnect?.();
