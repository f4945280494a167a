import type { Capability, ParameterValue } from '../../src/contracts/capability.js';
import {
  type Bound,
  type Bounds,
  type GuaranteeProperty,
  guaranteeProperties,
} from '../../src/contracts/guarantee.js';
import type { Parameters } from '../../src/contracts/parameters.js';
import type { ContextField } from '../../src/contracts/policy.js';
import {
  type ContextValue,
  classifications,
  dataClasses,
  type Request,
} from '../../src/contracts/request.js';
import { drawNumber } from './drawn-numbers.js';
import type { Random } from './random.js';
import { asSortedSet } from './sorted-set.js';
import type { Vocabulary } from './vocabulary.js';

export const capabilityTypes = ['chat', 'embed', 'route/field', 'validate'] as const;

/** A clear request. Budgets are left open: `drawBudget` sets them once there are contracts to set them by. */
export function drawRequest(
  random: Random,
  words: Vocabulary,
  parameters: Parameters,
  declared: { readonly [field: string]: ContextField },
): Request {
  const tokens = () => random.pick([0, 1, 800, 1_000, 1_000_000, drawNumber(random, 0, 2 ** 32)]);
  const ppm = () => random.pick([799_999, 800_000, drawNumber(random, 0, 1_000_000)]);
  return {
    intent: { type: random.pick(capabilityTypes) },
    requirements: {
      capabilities: Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => drawRequired(random, words)),
      match: random.chance(0.15) ? 'any' : 'all',
      guarantees: drawBounds(random, random.pick([0, 0, 1, 1, 2, 3])),
      constraints: {
        on_device: random.chance(0.12),
        certifications: random.chance(0.3) ? random.some(words.certifications, 0.3) : [],
        forbidden_actions: random.chance(0.2) ? asSortedSet(random.some(words.actions, 0.3)) : [],
      },
    },
    data: {
      classification: random.pick(classifications),
      contains: random.chance(0.3) ? random.some(dataClasses, 0.4) : [],
      jurisdictions: random.chance(0.35) ? random.some(words.jurisdictions, 0.6) : [],
    },
    budget: {},
    estimate: drawSome(random, 0.5, {
      input_tokens: tokens,
      output_tokens: tokens,
      cached_tokens: tokens,
      max_input_tokens: tokens,
      max_output_tokens: tokens,
    }),
    traits: drawSome(random, 0.3, { conservative_ppm: ppm, confidential_ppm: ppm, risk_tolerance_ppm: ppm }),
    ...(random.chance(0.5) && {
      fallback: {
        max_services: random.pick([1, 2, 2, 3, 3, 3]),
        deadline_micros: random.pick([0, 1_000, 500_000, drawNumber(random, 0, 1e12)]),
      },
    }),
    context: drawContext(random, declared),
    profile: random.chance(0.003) ? 'undefined' : random.pick(Object.keys(parameters.profiles)),
  };
}

/** Each member with that probability. */
export function drawSome<T>(
  random: Random,
  probability: number,
  members: { readonly [K in keyof T]?: (() => NonNullable<T[K]>) | undefined },
): Partial<T> {
  const drawn: Partial<T> = {};
  for (const name of Object.keys(members) as (keyof T)[]) {
    const draw = random.chance(probability) ? members[name] : undefined;
    if (draw !== undefined) drawn[name] = draw();
  }
  return drawn;
}

/** Few parameter names, of one kind each: a set, a range, a flag. */
const parameterDraws: { readonly [name: string]: (random: Random, words: Vocabulary) => ParameterValue } = {
  languages: (random, words) => random.some(words.languages, 0.4),
  context_tokens: (random) => {
    const [a, b] = [drawMicro(random), drawMicro(random)];
    const ends = { min_micro: Math.min(a, b), max_micro: Math.max(a, b) };
    if (random.chance(0.3)) return { min_micro: ends.min_micro };
    return random.chance(0.4) ? { max_micro: ends.max_micro } : ends;
  },
  streaming: (random) => random.chance(0.7),
  constructor: (random: Random, words: Vocabulary) =>
    random.chance(0.5) ? random.chance(0.5) : random.some(words.languages, 0.3),
};

function drawMicro(random: Random): number {
  return drawNumber(random, 0, 2 ** 53 - 1) * (random.chance(0.3) ? -1 : 1) || 0;
}

export function drawRequired(random: Random, words: Vocabulary): Capability {
  const names = random.some(Object.keys(parameterDraws), 0.25);
  const parameters = names.map((name) => [name, parameterDraws[name]?.(random, words)]);
  return { type: random.pick(capabilityTypes), parameters: Object.fromEntries(parameters) };
}

const properties = Object.keys(guaranteeProperties) as GuaranteeProperty[];
const favoured = [
  'accuracy_ppm',
  'latency_p95_micros',
  'latency_p50_micros',
  'determinism',
  'availability_ppm',
];

export function drawProperty(random: Random): GuaranteeProperty {
  return random.chance(0.5) ? (random.pick(favoured) as GuaranteeProperty) : random.pick(properties);
}

export function drawBound(random: Random, property: GuaranteeProperty): Bound {
  const { operator, kind, most } = guaranteeProperties[property];
  const usual = kind === 'time' ? random.pick([500_000, 1_000_000, 2_000_000]) : Math.min(most, 900_000);
  return { [operator]: kind !== 'flag' && random.chance(0.6) ? usual : drawNumber(random, 0, most) };
}

function drawBounds(random: Random, count: number): Bounds {
  const names = asSortedSet(Array.from({ length: count }, () => drawProperty(random)));
  return Object.fromEntries(names.map((name) => [name, drawBound(random, name)]));
}

function drawContext(
  random: Random,
  declared: { readonly [field: string]: ContextField },
): Request['context'] {
  const values: { readonly [type in ContextField['type']]: () => ContextValue } = {
    string: () => random.pick(['EU', 'US', 'b', '', '\u{1f600}']),
    int: () => drawNumber(random, 0, 2 ** 53 - 1) * random.pick([1, 1, -1]) || 0,
    bool: () => random.chance(0.5),
    string_list: () => asSortedSet(random.some(['a', 'b', 'EU', '\uffee', '\u{1f600}'], 0.5)),
  };
  const clear = Object.entries(declared).filter(([, { sealed }]) => !sealed && random.chance(0.6));
  return Object.fromEntries(clear.map(([name, { type }]) => [name, values[type]()]));
}
