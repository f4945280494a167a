import { defaultParameters } from '../../src/contracts/default-parameters.js';
import type { Parameters, Weights } from '../../src/contracts/parameters.js';
import { drawNumber } from './drawn-numbers.js';
import type { Random } from './random.js';
import { asSortedSet } from './sorted-set.js';
import type { Vocabulary } from './vocabulary.js';

const million = 1_000_000;

/** The default parameters with some parts drawn anew. */
export function drawParameters(random: Random, words: Vocabulary): Parameters {
  const { scales, thresholds, tokens, authentication } = defaultParameters;
  const redrawn = <T>(value: T, probability: number, draw: () => T) =>
    random.chance(probability) ? draw() : value;
  return {
    profiles: redrawn(defaultParameters.profiles, 0.4, () => drawProfiles(random)),
    scales: redrawn(scales, 0.3, () => drawScales(random)),
    thresholds: redrawn(thresholds, 0.2, () => ({
      confidential_ppm: drawNumber(random, 0, million),
      conservative_ppm: drawNumber(random, 0, million),
    })),
    tokens: redrawn(tokens, 0.2, () => ({
      input: drawNumber(random, 0, 2 ** 32),
      output: drawNumber(random, 0, 2 ** 32),
    })),
    zones: drawZones(random, words),
    actions: redrawn(defaultParameters.actions, 0.2, () => ({
      forbidden: asSortedSet(random.some(words.actions, 0.2)),
      harmful: asSortedSet(random.some(words.actions, 0.2)),
      unsafe: asSortedSet(random.some(words.actions, 0.2)),
    })),
    authentication: redrawn(authentication, 0.2, () => ({
      methods: asSortedSet(random.some(['api_key', 'jwt', 'local'] as const, 0.8)),
      issuers: asSortedSet(random.some(['caio', 'idp.example', '\u{1f600}'], 0.8)),
      audience: random.pick(['caio', 'caio', '\u{1d49c}']),
    })),
    deadline_micros: redrawn(defaultParameters.deadline_micros, 0.2, () => drawNumber(random, 1, 1e12)),
    history: { epoch_trials: random.integer(1, 100_000), epoch_micros: drawNumber(random, 1e6, 1e12) },
    breaker: { failures: drawNumber(random, 1, 2 ** 32), cooldown_micros: drawNumber(random, 1_000, 1e12) },
    ...(random.chance(0.2) ? { approval: { contract: 'author', policy: 'author_and_approver' } } : {}),
  };
}

function drawProfiles(random: Random): Parameters['profiles'] {
  const names = ['balanced', ...random.some(['cheapest', 'constructor', 'own', 'safest'], 0.4)];
  return Object.fromEntries(names.map((name) => [name, drawWeights(random)]));
}

/** Nine that sum to 10⁶, most of it on few of them: ties are likely where what is left out differs. */
function drawWeights(random: Random): Weights {
  const weights = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let rest = million;
  while (rest > 0) {
    const share = random.chance(0.3) ? rest : random.integer(1, rest);
    const i = random.integer(0, 8);
    weights[i] = (weights[i] ?? 0) + share;
    rest -= share;
  }
  return weights as unknown as Weights;
}

function drawScales(random: Random): Parameters['scales'] {
  const scale = () => drawNumber(random, 1, 2 ** 32);
  return {
    cost_micro_usd: scale(),
    latency_micros: scale(),
    slack_ratio_ppm: scale(),
    slack_time_micros: scale(),
    slack_rate_micro: scale(),
  };
}

function drawZones(random: Random, words: Vocabulary): Parameters['zones'] {
  if (random.chance(0.5)) return { '*': words.zones.filter((zone) => zone !== 'outside') };
  const tenants = random.some(['*', '*', '*', ...words.tenants], 0.4);
  const zones = tenants.map((tenant) => [tenant, asSortedSet(random.some(words.zones, 0.7))] as const);
  return { '*': ['default'], ...Object.fromEntries(zones) };
}
