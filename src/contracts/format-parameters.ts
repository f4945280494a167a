import type { Parameters } from './parameters.js';
import { weightNames } from './wire.js';
import { decimal, wireText } from './wire-text.js';

/** Parameters in JSON: `parseParameters(formatParameters(p))` is p. */
export function formatParameters(parameters: Parameters): string {
  const { profiles, scales, thresholds, authentication } = parameters;
  return wireText({
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, weights]) => [
        name,
        Object.fromEntries(weightNames.map((weight, index) => [weight, decimal(weights[index] ?? 0, 6)])),
      ]),
    ),
    scales: {
      cost_usd: decimal(scales.cost_micro_usd, 6),
      latency_ms: decimal(scales.latency_micros, 3),
      slack_ratio: decimal(scales.slack_ratio_ppm, 6),
      slack_time_ms: decimal(scales.slack_time_micros, 3),
      slack_rate: decimal(scales.slack_rate_micro, 6),
    },
    thresholds: {
      confidential: decimal(thresholds.confidential_ppm, 6),
      conservative: decimal(thresholds.conservative_ppm, 6),
    },
    tokens: { ...parameters.tokens },
    zones: { ...parameters.zones },
    actions: { ...parameters.actions },
    authentication: { ...authentication },
    deadline_ms: decimal(parameters.deadline_micros, 3),
    history: parameters.history && {
      epoch_trials: parameters.history.epoch_trials,
      epoch_ms: decimal(parameters.history.epoch_micros, 3),
    },
    breaker: parameters.breaker && {
      failures: parameters.breaker.failures,
      cooldown_ms: decimal(parameters.breaker.cooldown_micros, 3),
    },
    approval: parameters.approval && { ...parameters.approval },
  });
}
