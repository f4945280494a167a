/**
 * Generators of normalised documents: everything the types and the calculus (§2) admit, names from small pools so that documents meet each
 * other, numbers drawn to the edges of what they may be. Each is what its parser would give back.
 */
import fc from 'fast-check';
import type { Caller, CallerDocument } from '../../src/contracts/caller.js';
import type { Capability, ParameterValue } from '../../src/contracts/capability.js';
import { type Contract, localities } from '../../src/contracts/contract.js';
import {
  type Bound,
  type GuaranteeProperty,
  guaranteeProperties,
  type PropertyDefinition,
} from '../../src/contracts/guarantee.js';
import type { Parameters, Weights } from '../../src/contracts/parameters.js';
import type { Salts } from '../../src/contracts/parse-salts.js';
import { type ContextField, type Policy, ruleTypes } from '../../src/contracts/policy.js';
import {
  type ContextValue,
  classifications,
  dataClasses,
  type Request,
  type RequestDocument,
} from '../../src/contracts/request.js';
import type { AvailabilityRow, History } from '../../src/contracts/state.js';
import { compareCodePoints } from '../../src/kernel/merkle.js';

const edges = [
  0,
  1,
  2,
  999,
  1_000,
  1e6 - 1,
  1e6,
  1e6 + 1,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  1e12,
  2 ** 53 - 2,
  2 ** 53 - 1,
];

/** Integers of [least, most], often at an edge of what CAIO counts with. */
export function integers(least: number, most: number): fc.Arbitrary<number> {
  const within = [least, most, ...edges.flatMap((edge) => [edge, -edge])].filter(
    (n) => n >= least && n <= most,
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...within.map((n) => n + 0)) },
    { weight: 1, arbitrary: fc.integer({ min: least, max: Math.min(most, 1_000) }) },
    {
      weight: 1,
      arbitrary: fc
        .maxSafeInteger()
        .map((n) => least + (Math.abs(n) % (most - least + 1)))
        .filter((n) => n <= most),
    },
  );
}

const ppm = integers(0, 1e6);
const tokens = integers(0, 2 ** 32);

/** Sets as documents hold them; with members above U+FFFF the order of code points is not that of UTF-16. */
export function sets<T extends string>(member: fc.Arbitrary<T>, maxLength = 4): fc.Arbitrary<readonly T[]> {
  return fc.uniqueArray(member, { maxLength }).map((members) => members.sort(compareCodePoints));
}

function pooled(pool: readonly string[], pattern: RegExp): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...pool) },
    { weight: 1, arbitrary: fc.stringMatching(pattern) },
  );
}

const idShape = /^[a-z0-9][a-z0-9._-]{0,47}$/;
const labelShape = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,63}$/;
export const serviceIds = pooled(['said', 'maia', 'nme', 'rfs', 'vee', 'constructor', 'a.b-c_d'], idShape);
const ids = pooled(['default', 'acme', 'outside', 'constructor'], idShape);
const names = pooled(
  ['region', 'age', 'tags', 'urgent', 'constructor', 'to_string'],
  /^[a-z][a-z0-9_]{0,47}$/,
);
const versions = pooled(['1.0.0', '1.0', '2026-01'], /^[0-9A-Za-z.+-]{1,32}$/);
const types = pooled(['chat', 'embed', 'validate', 'route/field'], labelShape);
const permissions = pooled(['chat:use', 'admin', 'trial'], labelShape);
const actions = pooled(['weapon_control', 'send_mail', 'unsandboxed_code', 'self_replication'], labelShape);
const jurisdictions = pooled(['EU', 'US', 'CH'], labelShape);
const plainLine = fc
  .string({ minLength: 1, maxLength: 24, unit: 'grapheme-composite' })
  .filter((text) => printable.test(text) && [...text].length <= 64);
const printable = /^\P{Cc}*$/u;
const lines = fc.oneof(
  plainLine,
  fc.constantFrom('no', 'null', '1.0', '0x1F', '~', '- a', 'a: b # c', '"', "'", '[x', '&a *a !t', '𝒜'),
);
const members = fc.oneof(lines, fc.constantFrom('en', 'de', 'HIPAA-BAA', 'ISO 27001', '\u{1f600}', '\uffee'));
const texts = fc.oneof(lines, fc.constantFrom('two\nlines\n', 'tab\there', '  spaces  '));
const dates = fc.constantFrom('2024-02-29', '2026-01-31', '1999-12-31');

const micro = integers(-(2 ** 53 - 1), 2 ** 53 - 1);
const ranges: fc.Arbitrary<ParameterValue> = fc.oneof(
  micro.map((end) => ({ min_micro: end, max_micro: end })),
  micro.map((end) => ({ min_micro: end })),
  micro.map((end) => ({ max_micro: end })),
  fc.tuple(micro, micro).map(([a, b]) => ({ min_micro: Math.min(a, b), max_micro: Math.max(a, b) })),
);

export const capabilities: fc.Arbitrary<Capability> = fc.record({
  type: types,
  parameters: fc.dictionary(names, fc.oneof(sets(members), ranges, fc.boolean()), { maxKeys: 3 }),
});

const properties = Object.keys(guaranteeProperties) as GuaranteeProperty[];

function boundOf(name: GuaranteeProperty): fc.Arbitrary<Bound> {
  const { operator, most }: PropertyDefinition = guaranteeProperties[name];
  return integers(0, most).map((value) => ({ [operator]: value }));
}

const bounds = fc.record(Object.fromEntries(properties.map((name) => [name, boundOf(name)])), {
  requiredKeys: [],
});

const noSource = {};
const source = fc.record({ source: lines, retrieved: dates });
const maybeSource = fc.record({ source: lines, retrieved: dates }, { requiredKeys: [] });

/** External services say where their figures are from, internal ones may. */
function sourceOf(origin: Contract['origin']) {
  return origin === 'external' ? source : fc.oneof(fc.constant(noSource), maybeSource);
}

function guaranteesOf(origin: Contract['origin']): fc.Arbitrary<Contract['guarantees']> {
  const promises = properties.map((name) => [
    name,
    fc
      .tuple(
        boundOf(name),
        sourceOf(origin),
        fc.record({ measured: texts, invariant: types }, { requiredKeys: [] }),
      )
      .map(([bound, from, about]) => ({ ...bound, ...from, ...about })),
  ]);
  return fc.record(Object.fromEntries(promises), { requiredKeys: [] });
}

const price = integers(0, 1e11);

function costOf(origin: Contract['origin']): fc.Arbitrary<NonNullable<Contract['cost']>> {
  const prices = fc.record(
    {
      per_request_micro_usd: price,
      per_million_input_tokens_micro_usd: price,
      per_million_output_tokens_micro_usd: price,
      per_million_cached_tokens_micro_usd: price,
    },
    { requiredKeys: ['per_request_micro_usd'] },
  );
  return fc.tuple(prices, sourceOf(origin)).map(([stated, from]) => ({ ...stated, ...from }));
}

function limitsOf(origin: Contract['origin']): fc.Arbitrary<Contract['constraints']> {
  const limits = fc.record(
    {
      max_input_tokens: tokens,
      max_output_tokens: tokens,
      max_total_tokens: tokens,
      max_classification: fc.constantFrom(...classifications),
      refuses: sets(fc.constantFrom(...dataClasses)),
    },
    { requiredKeys: [] },
  );
  return fc.oneof(
    fc.constant({}),
    fc.tuple(limits, sourceOf(origin)).map(([stated, from]) => ({ ...stated, ...from })),
  );
}

const apis: fc.Arbitrary<Contract['api']> = fc.record(
  {
    protocol: fc.constantFrom('caio' as const, 'http' as const, 'openai' as const),
    url: fc.constantFrom('http://127.0.0.1:8101', 'https://api.provider.example/v1'),
    endpoints: fc.dictionary(
      types,
      fc.record({
        method: fc.constantFrom('GET' as const, 'POST' as const, 'PUT' as const),
        path: fc.constantFrom('/', '/v1/do'),
      }),
      { maxKeys: 2 },
    ),
    model: lines,
    secret: fc.constantFrom('env:PROVIDER_KEY', 'file:/run/secrets/key'),
  },
  { requiredKeys: ['protocol', 'url'] },
);

function contractOf(origin: Contract['origin']): fc.Arbitrary<Contract> {
  const contract: fc.Arbitrary<unknown> = fc.record(
    {
      id: serviceIds,
      version: versions,
      description: texts,
      origin: fc.constant(origin),
      zone: ids,
      capabilities: fc.array(capabilities, { minLength: 1, maxLength: 3 }),
      actions: sets(actions),
      guarantees: guaranteesOf(origin),
      constraints: limitsOf(origin),
      cost: costOf(origin),
      privacy: fc
        .tuple(
          fc.record(
            {
              locality: fc.constantFrom(...localities),
              regions: sets(jurisdictions),
              jurisdictions: sets(jurisdictions),
              encryption: fc.record({
                in_transit: fc.boolean(),
                at_rest: fc.boolean(),
                end_to_end: fc.boolean(),
              }),
              retention_days: integers(0, 36_500),
              trains_on_data: fc.boolean(),
            },
            { requiredKeys: ['locality', 'regions', 'jurisdictions', 'encryption'] },
          ),
          maybeSource,
        )
        .map(([privacy, from]) => ({ ...privacy, ...from })),
      alignment: fc
        .tuple(fc.record({ certifications: sets(members), risk_ppm: ppm }), maybeSource)
        .map(([alignment, from]) => ({ ...alignment, ...from })),
      security: fc.record(
        {
          permissions: fc.oneof(
            sets(permissions).map((all) => ({ all })),
            sets(permissions).map((any_of) => ({ any_of })),
          ),
          trust_level: fc.integer({ min: 0, max: 10 }),
          tenants: sets(ids),
        },
        { requiredKeys: ['permissions', 'trust_level'] },
      ),
      api: apis,
      invariants: fc.array(types, { maxLength: 3 }),
    },
    {
      requiredKeys: [
        ...([
          'id',
          'version',
          'origin',
          'zone',
          'capabilities',
          'actions',
          'guarantees',
          'constraints',
        ] as const),
        ...(['privacy', 'alignment', 'security', 'api', 'invariants'] as const),
      ],
    },
  );
  return contract as fc.Arbitrary<Contract>;
}

export const contracts: fc.Arbitrary<Contract> = fc.oneof(contractOf('internal'), contractOf('external'));

const contextValues: fc.Arbitrary<ContextValue> = fc.oneof(
  texts,
  integers(-(2 ** 53 - 1), 2 ** 53 - 1),
  fc.boolean(),
  sets(texts),
);

const requestsUnsized: fc.Arbitrary<unknown> = fc.record(
  {
    intent: fc.record({ type: types }),
    requirements: fc.record({
      capabilities: fc.array(capabilities, { minLength: 1, maxLength: 2 }),
      match: fc.constantFrom('all' as const, 'any' as const),
      guarantees: bounds,
      constraints: fc.record({
        on_device: fc.boolean(),
        certifications: sets(members, 2),
        forbidden_actions: sets(actions, 2),
      }),
    }),
    data: fc.record({
      classification: fc.constantFrom(...classifications),
      contains: sets(fc.constantFrom(...dataClasses)),
      jurisdictions: sets(jurisdictions, 2),
    }),
    budget: fc.record(
      { max_cost_micro_usd: integers(0, 2 ** 53 - 1), max_latency_micros: integers(0, 1e12) },
      { requiredKeys: [] },
    ),
    estimate: fc.record(
      {
        input_tokens: tokens,
        output_tokens: tokens,
        cached_tokens: tokens,
        max_input_tokens: tokens,
        max_output_tokens: tokens,
      },
      { requiredKeys: [] },
    ),
    traits: fc.record(
      { conservative_ppm: ppm, confidential_ppm: ppm, risk_tolerance_ppm: ppm },
      { requiredKeys: [] },
    ),
    fallback: fc.record({ max_services: fc.integer({ min: 1, max: 3 }), deadline_micros: integers(0, 1e12) }),
    context: fc.dictionary(names, contextValues, { maxKeys: 3 }),
    profile: pooled(['balanced', 'cheapest', 'safest'], idShape),
  },
  {
    requiredKeys: ['intent', 'requirements', 'data', 'budget', 'estimate', 'traits', 'context', 'profile'],
  },
);

export const requests = (requestsUnsized as fc.Arbitrary<Request>).filter(
  (request) => bytesOf(request) <= 4_096,
);

export const requestDocuments = fc.record(
  {
    request: requests,
    subject: lines,
    seed: integers(0, 2 ** 53 - 1),
    payload: fc.jsonValue().map(withoutNegativeZero),
  },
  { requiredKeys: ['request'] },
) as fc.Arbitrary<RequestDocument>;

/** What JSON keeps of a value. */
function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

const expressions = fc.constantFrom(
  'true',
  "'phi' in request.data.contains",
  'has(service.cost) && service.cost.per_request_micro_usd <= 50000',
  "service.privacy.jurisdictions.all(j, j in ['EU', 'CH'])\n  || service.privacy.locality == 'local'",
  'now / 0 > 1',
);

export const policies = fc.record(
  {
    id: ids,
    version: versions,
    description: texts,
    context: fc.dictionary(
      names,
      fc.record<ContextField>({
        type: fc.constantFrom('string', 'int', 'bool', 'string_list'),
        sealed: fc.boolean(),
      }),
      { maxKeys: 3 },
    ),
    rules: fc.uniqueArray(
      fc.record({
        id: ids,
        type: fc.constantFrom(...ruleTypes),
        when: expressions,
        require: expressions,
        reason: texts,
        priority: fc.integer({ min: -1_000, max: 1_000 }),
      }),
      { minLength: 1, maxLength: 4, selector: (rule) => rule.id },
    ),
  },
  { requiredKeys: ['id', 'version', 'context', 'rules'] },
) as fc.Arbitrary<Policy>;

const instants = fc.tuple(integers(-(2 ** 52), 2 ** 53 - 2), integers(1, 1e12)).map(([start, length]) => ({
  not_before: start,
  expires: Math.min(start + length, 2 ** 53 - 1),
}));

export const callers: fc.Arbitrary<Caller> = fc
  .tuple(
    fc.record({
      method: fc.constantFrom('api_key' as const, 'jwt' as const, 'local' as const),
      issuer: fc.oneof(fc.constant('caio'), lines),
      audience: fc.oneof(fc.constant('caio'), lines),
      key_id: lines,
    }),
    instants,
    fc.record({ tenant: ids, permissions: sets(permissions), trust_level: fc.integer({ min: 0, max: 10 }) }),
  )
  .map(([proof, validity, rights]) => ({ ...proof, ...validity, ...rights }));

export const callerDocuments = fc.record(
  { caller: callers, subject: lines },
  { requiredKeys: ['caller'] },
) as fc.Arbitrary<CallerDocument>;

/** Nine weights that sum to exactly 10⁶: the gaps between eight cuts. */
export const weights: fc.Arbitrary<Weights> = fc.array(ppm, { minLength: 8, maxLength: 8 }).map((cuts) => {
  const sorted = [0, ...cuts.toSorted((a, b) => a - b), 1e6];
  return sorted.slice(1).map((cut, i) => cut - (sorted[i] ?? 0)) as unknown as Weights;
});

const scale = integers(1, 2 ** 32);

const approval = fc.constantFrom('author' as const, 'author_and_approver' as const);

export const parameterSets: fc.Arbitrary<Parameters> = fc.record({
  profiles: fc.dictionary(pooled(['balanced', 'cheapest', 'safest'], idShape), weights, {
    minKeys: 1,
    maxKeys: 4,
  }),
  scales: fc.record({
    cost_micro_usd: scale,
    latency_micros: scale,
    slack_ratio_ppm: scale,
    slack_time_micros: scale,
    slack_rate_micro: scale,
  }),
  thresholds: fc.record({ confidential_ppm: ppm, conservative_ppm: ppm }),
  tokens: fc.record({ input: tokens, output: tokens }),
  zones: fc.dictionary(fc.oneof(fc.constant('*'), ids), sets(ids), { maxKeys: 3 }),
  actions: fc.record({ forbidden: sets(actions), harmful: sets(actions), unsafe: sets(actions) }),
  authentication: fc.record({
    methods: sets(fc.constantFrom('api_key' as const, 'jwt' as const, 'local' as const)),
    issuers: sets(fc.oneof(fc.constant('caio'), lines)),
    audience: fc.oneof(fc.constant('caio'), lines),
  }),
  deadline_micros: integers(1, 1e12),
  history: fc.record({
    epoch_trials: fc.integer({ min: 1, max: 100_000 }),
    epoch_micros: fc.integer({ min: 1e6, max: 2 ** 31 - 1 }),
  }),
  breaker: fc.record({
    failures: integers(1, 2 ** 32),
    cooldown_micros: fc.integer({ min: 1_000, max: 1e9 }),
  }),
  approval: fc.record(
    { availability: approval, contract: approval, key: approval, parameters: approval, policy: approval },
    { requiredKeys: [] },
  ),
});

function sortedByService<Row extends { readonly service: string }>(
  row: fc.Arbitrary<Row>,
): fc.Arbitrary<Row[]> {
  return fc
    .uniqueArray(row, { maxLength: 6, selector: ({ service }) => service })
    .map((rows) => rows.sort((a, b) => compareCodePoints(a.service, b.service)));
}

const promiseCounts = fc
  .uniqueArray(fc.constantFrom('availability_ppm', 'latency_p50_micros', 'latency_p95_micros'), {
    minLength: 1,
  })
  .chain((properties) =>
    fc.tuple(
      ...properties
        .sort()
        .map((property) =>
          fc.record({ property: fc.constant(property), p0_ppm: ppm, trials: tokens, misses: tokens }),
        ),
    ),
  );

/** What a row of history has beside its trials, where it has it. */
const counted = fc.record(
  { latency: fc.array(tokens, { minLength: 19, maxLength: 19 }), promises: promiseCounts },
  { requiredKeys: [] },
);

export const histories: fc.Arbitrary<History> = fc
  .tuple(
    integers(0, 2 ** 53 - 1),
    integers(0, 2 ** 53 - 1),
    sortedByService(
      fc.tuple(serviceIds, tokens, tokens, counted).map(([service, a, b, counts]) => ({
        service,
        trials: Math.max(a, b),
        successes: Math.min(a, b),
        ...counts,
      })),
    ),
  )
  .map(([a, b, rows]) => ({ from: Math.min(a, b), to: Math.max(a, b), rows }));

export const availabilities: fc.Arbitrary<readonly AvailabilityRow[]> = sortedByService(
  fc.record({
    service: serviceIds,
    state: fc.constantFrom('disabled' as const, 'held_out' as const),
    reason: texts,
  }),
);

export const saltSets: fc.Arbitrary<Salts> = fc.dictionary(
  fc.oneof(
    fc.constantFrom('payload', 'request.subject', 'caller.subject'),
    names.map((name) => `context.${name}`),
  ),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  { maxKeys: 4 },
);
