import type { Parameters } from './parameters.js';

/** The parameters where the operator sets none (calculus §3; weights in the order α β γ δ μ ν λ ρ η). */
export const defaultParameters: Parameters = {
  profiles: {
    balanced: [0, 0, 100_000, 0, 200_000, 200_000, 200_000, 100_000, 200_000],
    cheapest: [0, 0, 50_000, 0, 100_000, 100_000, 600_000, 50_000, 100_000],
    fastest: [0, 0, 50_000, 0, 100_000, 150_000, 100_000, 50_000, 550_000],
    safest: [0, 0, 50_000, 0, 250_000, 300_000, 50_000, 300_000, 50_000],
    field: [300_000, 200_000, 200_000, 100_000, 0, 0, 100_000, 50_000, 50_000],
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
};
