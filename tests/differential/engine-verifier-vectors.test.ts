import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestText } from '../../src/kernel/digest.js';
import type { World } from '../generators/decision.js';
import { bundleVerdicts } from './bundles-hold.js';
import { answersOf } from './engine-verifier-answers.js';
import { type Sight, shows } from './sights.js';

interface Vector {
  readonly about: string;
  readonly origin: string;
  readonly world: World;
  /** Of the canonical certificate of each question; absent in a fresh disagreement. */
  readonly certificates?: readonly string[];
  readonly sight?: Sight;
}

const folder = new URL('../vectors/differential/', import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector] as const);

describe('kept decisions:', () => {
  test.each(vectors)('%s', async (_, { world, certificates, sight }) => {
    const answers = answersOf(world);
    expect(answers.map(({ engine }) => engine)).toEqual(answers.map(({ verifier }) => verifier));
    const digests = answers.map(({ engine }) => digestText('caio/vector/v1', engine));
    if (certificates !== undefined) expect(digests).toEqual(certificates);
    if (sight !== undefined) expect(shows(sight, world, answers)).toBe(true);
    const bundles = await bundleVerdicts(world, answers);
    expect(bundles.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });

  test('there are some, of every kind that is worth keeping', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(10);
  });
});
