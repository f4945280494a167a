import type { SourceDocument } from '../kernel/json.js';
import { appendPointer } from '../kernel/pointer.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { defaultParameters } from './default-parameters.js';
import { exactUnits, plainCount } from './exact-units.js';
import type { Parameters, Weights } from './parameters.js';
import { mapEntries, present } from './present.js';
import { checkShape } from './schema.js';
import { textSet } from './text-set.js';
import { type WireParameters, weightNames } from './wire.js';

/**
 * The operator's parameters (configs/schemas/parameters.schema.json). What is left out has the value of `defaultParameters`; `profiles` and
 * `zones`, when given, replace the default ones as a whole.
 */
export function parseParameters(document: SourceDocument): Result<Parameters, readonly Problem[]> {
  const problems = checkShape('parameters', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const wire = document.value as unknown as WireParameters;
  const units = (path: string, value: number | undefined, places: number, otherwise: number) =>
    value === undefined ? otherwise : exactUnits(document, path, value, places);
  const { scales, thresholds, tokens, actions, authentication } = wire;
  const defaults = defaultParameters;
  return ok({
    profiles: mapEntries<WireProfile | Weights, Weights>(
      wire.profiles ?? defaults.profiles,
      (weights, name) =>
        isWeights(weights) ? weights : weightsOf(document, appendPointer('/profiles', name), weights),
    ),
    scales: {
      cost_micro_usd: units('/scales/cost_usd', scales?.cost_usd, 6, defaults.scales.cost_micro_usd),
      latency_micros: units('/scales/latency_ms', scales?.latency_ms, 3, defaults.scales.latency_micros),
      slack_ratio_ppm: units('/scales/slack_ratio', scales?.slack_ratio, 6, defaults.scales.slack_ratio_ppm),
      slack_time_micros: units(
        '/scales/slack_time_ms',
        scales?.slack_time_ms,
        3,
        defaults.scales.slack_time_micros,
      ),
      slack_rate_micro: units('/scales/slack_rate', scales?.slack_rate, 6, defaults.scales.slack_rate_micro),
    },
    thresholds: {
      confidential_ppm: units(
        '/thresholds/confidential',
        thresholds?.confidential,
        6,
        defaults.thresholds.confidential_ppm,
      ),
      conservative_ppm: units(
        '/thresholds/conservative',
        thresholds?.conservative,
        6,
        defaults.thresholds.conservative_ppm,
      ),
    },
    tokens: {
      input: plainCount(tokens?.input ?? defaults.tokens.input),
      output: plainCount(tokens?.output ?? defaults.tokens.output),
    },
    zones: mapEntries(wire.zones ?? defaults.zones, (zones) => textSet(zones)),
    actions: {
      forbidden: textSet(actions?.forbidden ?? defaults.actions.forbidden),
      harmful: textSet(actions?.harmful ?? defaults.actions.harmful),
      unsafe: textSet(actions?.unsafe ?? defaults.actions.unsafe),
    },
    authentication: {
      methods: textSet(authentication?.methods ?? defaults.authentication.methods),
      issuers: textSet(authentication?.issuers ?? defaults.authentication.issuers),
      audience: authentication?.audience ?? defaults.authentication.audience,
    },
    deadline_micros: units('/deadline_ms', wire.deadline_ms, 3, defaults.deadline_micros),
    ...present({
      history:
        wire.history === undefined
          ? defaults.history
          : {
              epoch_trials: plainCount(wire.history.epoch_trials),
              epoch_micros: exactUnits(document, '/history/epoch_ms', wire.history.epoch_ms, 3),
            },
      breaker:
        wire.breaker === undefined
          ? defaults.breaker
          : {
              failures: plainCount(wire.breaker.failures),
              cooldown_micros: exactUnits(document, '/breaker/cooldown_ms', wire.breaker.cooldown_ms, 3),
            },
      approval: wire.approval ?? defaults.approval,
    }),
  });
}

type WireProfile = NonNullable<WireParameters['profiles']>[string];

function isWeights(profile: WireProfile | Weights): profile is Weights {
  return Array.isArray(profile);
}

function weightsOf(document: SourceDocument, path: string, wire: WireProfile): Weights {
  const weight = (name: (typeof weightNames)[number]) =>
    exactUnits(document, `${path}/${name}`, wire[name] ?? 0, 6);
  return weightNames.map(weight) as unknown as Weights;
}
