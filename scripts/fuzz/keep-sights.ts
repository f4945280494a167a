// Finds, shrinks and writes the decisions that tests/differential/sights.ts names and tests/vectors/differential does not have yet:
//   node --import tsx scripts/fuzz/keep-sights.ts
import { existsSync, writeFileSync } from 'node:fs';
import { digestText } from '../../src/kernel/digest.js';
import { answersOf, disagreementIn } from '../../tests/differential/engine-verifier-answers.js';
import { shrink } from '../../tests/differential/shrink.js';
import { type Sight, shows, sightNames } from '../../tests/differential/sights.js';
import { drawWorld, type World } from '../../tests/generators/decision.js';
import { samplePool } from '../../tests/generators/pool.js';

const seed = 42;
const pool = samplePool(seed, 400);
const folder = new URL('../../tests/vectors/differential/', import.meta.url);

for (const sight of sightNames) {
  const file = new URL(`${sight.replaceAll(' ', '-')}.json`, folder);
  if (existsSync(file)) continue;
  const found = firstWith(sight);
  if (found === undefined) {
    console.log(`not found: ${sight}`);
    process.exitCode = 1;
    continue;
  }
  const world = shrink(found.world, (candidate) => sees(sight, candidate));
  const certificates = answersOf(world).map(({ engine }) => digestText('caio/vector/v1', engine));
  const origin = `world ${found.index} of seed ${seed} (tests/generators/decision.ts), shrunken (scripts/fuzz/keep-sights.ts)`;
  writeFileSync(
    file,
    `${JSON.stringify({ about: sight, origin, sight, certificates, world }, undefined, 1)}\n`,
  );
  console.log(`${sight}: ${world.state.contracts.length} services`);
}

function sees(sight: Sight, world: World): boolean {
  const answers = answersOf(world);
  return disagreementIn(answers) === undefined && shows(sight, world, answers);
}

function firstWith(sight: Sight): { readonly world: World; readonly index: number } | undefined {
  for (let index = 0; index < 4_000; index += 1) {
    const { questions, ...rest } = drawWorld(seed, index, pool);
    for (const question of questions) {
      const world = { ...rest, questions: [question] };
      if (sees(sight, world)) return { world, index };
    }
  }
  return undefined;
}
