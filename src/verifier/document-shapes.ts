// Generated from notebooks/math/05_untrusted_documents.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { canonicalBytes } from './canonical.js';
import type { Bound, Property } from './documents.js';
import { properties, vocabulary } from './documents.js';
import type { Shape } from './shape.js';
import { allOf, anyInteger, integer, listOf, mapOf, matching, natural, object, oneOf, setOf, sortedBy, text, truth, where } from './shape.js';

const ppm = integer(0, 1_000_000);
const tokens = integer(0, 2 ** 32);
const price = integer(0, 10 ** 11);
const latency = integer(0, 10 ** 12);
const localityName = oneOf('on_device', 'local', 'region', 'cloud');
const classificationName = oneOf('public', 'internal', 'confidential', 'restricted');
const dataClassName = oneOf('pci', 'phi', 'pii', 'secrets');

/** Service, policy and rule ids (calculus, section 2). */
export const idShape = matching(/^[a-z0-9][a-z0-9._-]{0,47}$/, 'an id of [a-z0-9._-], at most 48 long');

export const hashShape = matching(/^[0-9a-f]{64}$/, '64 digits of lower-case hex');

function atMostBytes(bytes: number): Shape {
  return where((value) => canonicalBytes(value).length <= bytes, `at most ${bytes} canonical bytes`);
}

const boundOf: { readonly [kind: string]: Shape } = {
  flag: integer(0, 1),
  time: latency,
  ratio: anyInteger,
  rate: anyInteger,
};

/** property → the fields of a bound: its own operator, and what else a promise may carry. */
function boundsShape(extra: { readonly [name: string]: Shape }, kinds = boundOf): Shape {
  const fields = properties.map((property): [Property, Shape] => {
    const { operator, kind } = vocabulary[property];
    return [
      property,
      object({ [operator]: kinds[kind] as Shape } satisfies Partial<Record<keyof Bound, Shape>>, extra),
    ];
  });
  return object({}, Object.fromEntries(fields));
}

export const boundsOnly = boundsShape({});

/** What a chain promises: its latency is the sum of deadlines and a promise, so no longer within the limit of one document. */
export const composedBounds = boundsShape({}, { ...boundOf, time: natural });
const sourced = { source: text, retrieved: text };

const range = allOf(
  object({}, { min_micro: anyInteger, max_micro: anyInteger }),
  where((value: object) => Object.keys(value).length > 0, 'one end of the range'),
);

const parameterValue: Shape = (value, path) => {
  if (typeof value === 'boolean') return;
  (Array.isArray(value) ? setOf() : range)(value, path);
};

const capability = object({ type: text, parameters: mapOf(parameterValue) });

const contextValue: Shape = (value, path) => {
  if (typeof value === 'string' || typeof value === 'boolean') return;
  (Array.isArray(value) ? listOf(text) : anyInteger)(value, path);
};

export const requestShape = allOf(
  object(
    {
      intent: object({ type: text }),
      requirements: object({
        capabilities: listOf(capability, 1),
        match: oneOf('all', 'any'),
        guarantees: boundsOnly,
        constraints: object({ on_device: truth, certifications: setOf(), forbidden_actions: setOf() }),
      }),
      data: object({
        classification: classificationName,
        contains: setOf(dataClassName),
        jurisdictions: setOf(),
      }),
      budget: object({}, { max_cost_micro_usd: natural, max_latency_micros: natural }),
      estimate: object(
        {},
        {
          input_tokens: tokens,
          output_tokens: tokens,
          cached_tokens: tokens,
          max_input_tokens: tokens,
          max_output_tokens: tokens,
        },
      ),
      traits: object({}, { conservative_ppm: ppm, confidential_ppm: ppm, risk_tolerance_ppm: ppm }),
      context: mapOf(contextValue),
      profile: text,
    },
    { fallback: object({ max_services: integer(1, 3), deadline_micros: natural }) },
  ),
  atMostBytes(4_096),
);

export const callerShape = allOf(
  object({
    method: oneOf('api_key', 'jwt', 'local'),
    issuer: text,
    audience: text,
    key_id: text,
    not_before: anyInteger,
    expires: anyInteger,
    tenant: text,
    permissions: setOf(),
    trust_level: anyInteger,
  }),
  atMostBytes(2_048),
);

const permissions = allOf(
  object({}, { all: setOf(), any_of: setOf() }),
  where((value: object) => Object.keys(value).length === 1, 'either all or any_of'),
);

const endpoints = mapOf(object({ method: oneOf('GET', 'POST', 'PUT'), path: text }));

export const contractShape = allOf(
  object(
    {
      id: idShape,
      version: text,
      origin: oneOf('internal', 'external'),
      zone: text,
      capabilities: listOf(capability),
      actions: setOf(),
      guarantees: boundsShape({ measured: text, invariant: text, ...sourced }),
      constraints: object(
        {},
        {
          max_input_tokens: natural,
          max_output_tokens: natural,
          max_total_tokens: natural,
          max_classification: classificationName,
          refuses: setOf(dataClassName),
          ...sourced,
        },
      ),
      privacy: object(
        {
          locality: localityName,
          regions: setOf(),
          jurisdictions: setOf(),
          encryption: object({ in_transit: truth, at_rest: truth, end_to_end: truth }),
        },
        { retention_days: natural, trains_on_data: truth, ...sourced },
      ),
      alignment: object({ certifications: setOf(), risk_ppm: ppm }, sourced),
      security: object({ permissions, trust_level: anyInteger }, { tenants: setOf() }),
      api: object(
        { protocol: oneOf('caio', 'http', 'openai'), url: text },
        { endpoints, model: text, secret: text, result_key: text },
      ),
      invariants: listOf(text),
    },
    {
      description: text,
      cost: object(
        { per_request_micro_usd: price },
        {
          per_million_input_tokens_micro_usd: price,
          per_million_output_tokens_micro_usd: price,
          per_million_cached_tokens_micro_usd: price,
          ...sourced,
        },
      ),
    },
  ),
  atMostBytes(49_152),
);

const rule = object({
  id: idShape,
  type: oneOf('sla', 'privacy', 'cost', 'compliance', 'performance', 'security'),
  when: text,
  require: text,
  reason: text,
  priority: anyInteger,
});

export const policyShape = allOf(
  object(
    {
      id: idShape,
      version: text,
      context: mapOf(object({ type: oneOf('string', 'int', 'bool', 'string_list'), sealed: truth })),
      rules: listOf(rule),
    },
    { description: text },
  ),
  where(
    ({ rules }: { readonly rules: readonly { readonly id: string }[] }) =>
      new Set(rules.map(({ id }) => id)).size === rules.length,
    'rules with distinct ids',
  ),
  atMostBytes(49_152),
);

const weights = allOf(
  listOf(ppm, 9, 9),
  where(
    (value: readonly number[]) => value.reduce((sum, weight) => sum + weight, 0) === 1_000_000,
    'a sum of 1000000',
  ),
);
const scale = integer(1, 2 ** 32);

const approval = oneOf('author', 'author_and_approver');
export const parametersShape = object(
  {
    profiles: mapOf(weights),
    scales: object({
      cost_micro_usd: scale,
      latency_micros: scale,
      slack_ratio_ppm: scale,
      slack_time_micros: scale,
      slack_rate_micro: scale,
    }),
    thresholds: object({ confidential_ppm: natural, conservative_ppm: natural }),
    tokens: object({ input: tokens, output: tokens }),
    zones: mapOf(setOf()),
    actions: object({ forbidden: setOf(), harmful: setOf(), unsafe: setOf() }),
    authentication: object({
      methods: listOf(oneOf('api_key', 'jwt', 'local')),
      issuers: listOf(text),
      audience: text,
    }),
    deadline_micros: natural,
  },
  {
    history: object({ epoch_trials: integer(1, 100_000), epoch_micros: natural }),
    breaker: object({ failures: integer(1, 2 ** 32), cooldown_micros: natural }),
    approval: object(
      {},
      {
        availability: approval,
        contract: approval,
        key: approval,
        parameters: approval,
        policy: approval,
      },
    ),
  },
);

const promiseCount = object({ property: text, p0_ppm: ppm, trials: tokens, misses: tokens });
export const historyRowShape = allOf(
  object(
    { service: idShape, trials: tokens, successes: tokens },
    { latency: listOf(tokens, 19, 19), promises: listOf(promiseCount, 1, 256) },
  ),
  where(
    (row: { readonly trials: number; readonly successes: number }) => row.successes <= row.trials,
    'no more successes than trials',
  ),
);

export const availabilityRowShape = object({
  service: idShape,
  state: oneOf('disabled', 'held_out'),
  reason: text,
});

interface Identified {
  readonly id: string;
}
interface Row {
  readonly service: string;
}
export const policiesShape = sortedBy(policyShape, ({ id }: Identified) => id);
export const contractsShape = sortedBy(contractShape, ({ id }: Identified) => id);
export const historyShape = sortedBy(historyRowShape, ({ service }: Row) => service);
export const availabilityShape = sortedBy(availabilityRowShape, ({ service }: Row) => service);
