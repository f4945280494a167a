import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { World } from '../generators/decision.js';
import { type Answer, answersOf, type Disagreement, disagreementIn } from './engine-verifier-answers.js';
import { shrink } from './shrink.js';

/** The smallest world found in which the two still differ, written where the vectors are replayed from. The path of the file. */
export function keepDisagreement(world: World, name: string, kind: Disagreement): string {
  const smallest = shrink(world, (candidate) => disagreementIn(answersOf(candidate))?.kind === kind);
  const about = 'engine and verifier differ: which one departs from the calculus?';
  return writeVector(name, {
    about,
    origin: `shrunken from ${name} (tests/generators/decision.ts)`,
    world: smallest,
  });
}

/** A world of which a bundle is refused, as it is. */
export function keepRefusedBundle(world: World, name: string): string {
  const about = 'the verifier refuses the bundle of an honest decision';
  return writeVector(name, { about, origin: `${name} (tests/generators/decision.ts)`, world });
}

function writeVector(name: string, vector: { readonly [member: string]: unknown }): string {
  const file = fileURLToPath(new URL(`../vectors/differential/${name}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(vector, undefined, 1)}\n`);
  return file;
}

/** Where the two texts part. */
export function describeDisagreement(
  answers: readonly Answer[],
  { question }: { readonly question: number },
): string {
  const { engine, verifier } = answers[question] ?? { engine: '', verifier: '' };
  let at = 0;
  while (at < engine.length && engine[at] === verifier[at]) at += 1;
  const shown = (text: string) => text.slice(Math.max(0, at - 80), at + 120);
  return `question ${question}, at ${at}:\n  engine   …${shown(engine)}\n  verifier …${shown(verifier)}`;
}
