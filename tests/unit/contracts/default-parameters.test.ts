import { expect, it } from 'vitest';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import { parametersDigest } from '../../../src/contracts/digests.js';

it('the default parameters are these; another value is another digest in every certificate', () => {
  const thousand = ([...weights]: readonly number[]) => weights.map((weight) => weight * 1_000);
  expect(defaultParameters).toEqual({
    profiles: {
      balanced: thousand([0, 0, 100, 0, 200, 200, 200, 100, 200]),
      cheapest: thousand([0, 0, 50, 0, 100, 100, 600, 50, 100]),
      fastest: thousand([0, 0, 50, 0, 100, 150, 100, 50, 550]),
      safest: thousand([0, 0, 50, 0, 250, 300, 50, 300, 50]),
      field: thousand([300, 200, 200, 100, 0, 0, 100, 50, 50]),
    },
    scales: {
      cost_micro_usd: 50_000,
      latency_micros: 2_000_000,
      slack_ratio_ppm: 100_000,
      slack_time_micros: 1_000_000,
      slack_rate_micro: 10_000_000,
    },
    thresholds: { confidential_ppm: 800_000, conservative_ppm: 800_000 },
    tokens: { input: 1_000, output: 1_000 },
    zones: { '*': ['default'] },
    actions: {
      forbidden: ['mass_surveillance', 'social_scoring', 'weapon_control'],
      harmful: ['credential_harvesting', 'self_replication'],
      unsafe: ['irreversible_actuation', 'unsandboxed_code'],
    },
    authentication: { methods: ['api_key', 'jwt', 'local'], issuers: ['caio'], audience: 'caio' },
    deadline_micros: 30_000_000,
    history: { epoch_trials: 1_000, epoch_micros: 3_600_000_000 },
    breaker: { failures: 5, cooldown_micros: 30_000_000 },
  });
  expect(parametersDigest(defaultParameters)).toMatchInlineSnapshot(
    `"a6eb6e2fa9fc7a3d3e2aa30d1eed08e04137bb4e97dc0b55430e153674439ee5"`,
  );
});
