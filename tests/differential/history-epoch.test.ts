import { describe, expect, it } from 'vitest';
import type { OutcomeEntry } from '../../src/log/entry.js';
import { openEpoch, tableOf, withOutcome } from '../../src/log/epoch.js';
import { breachesOf, epochDigest, epochRows } from '../../src/verifier/history-epoch.js';
import { drawOutcomes } from '../generators/outcomes.js';
import { Random } from '../generators/random.js';
import { seed } from '../support/seed.js';

const counted = ({ service, measured, verdicts }: OutcomeEntry) => ({
  service: service.service,
  result: measured.result,
  latency_micros: measured.latency_micros,
  verdicts,
});

describe('the epoch of the engine and that of the reference', () => {
  it('have the same rows, digest and breaches, over 1,500 sequences of outcomes', () => {
    const seen = { trials: 0, breaches: 0, promises: 0 };
    for (let stream = 0; stream < 1_500; stream += 1) {
      const random = new Random(seed, stream);
      const outcomes = drawOutcomes(random);
      const epoch = random.pick([1, 2, 17, 1000]);
      const table = tableOf(outcomes.reduce(withOutcome, openEpoch(epoch, 0, 0)));
      const rows = epochRows(outcomes.map(counted));
      const told = `seed ${seed}, stream ${stream}`;
      expect(table.rows, told).toEqual(rows);
      expect(table.digest, told).toBe(epochDigest(rows));
      expect(table.breaches, told).toEqual(breachesOf(rows, epoch));
      seen.trials += rows.reduce((sum, { trials }) => sum + trials, 0);
      seen.promises += rows.reduce((sum, { promises = [] }) => sum + promises.length, 0);
      seen.breaches += table.breaches.length;
    }
    console.log(
      `epochs: 1500 sequences, ${seen.trials} trials, ${seen.promises} promises, ${seen.breaches} breaches, seed ${seed}`,
    );
    // Both answers have to occur, or nothing was compared.
    expect(seen.breaches).toBeGreaterThan(500);
    expect(seen.promises - seen.breaches).toBeGreaterThan(500);
  }, 60_000);
});
