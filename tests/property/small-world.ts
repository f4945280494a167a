import fc from 'fast-check';
import type { Contract } from '../../src/contracts/contract.js';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import type { Policy } from '../../src/contracts/policy.js';
import type { Request } from '../../src/contracts/request.js';
import type { HistoryRow, State } from '../../src/contracts/state.js';
import { contract, plainCaller, plainRequest, policy } from '../unit/orchestrator/world.js';

/** A state and a request over vocabularies so small that services meet, tie and fail in every way. */
export interface World {
  readonly state: State;
  readonly request: Request;
  readonly seed: number;
}

const some = <T>(...from: T[]) => fc.subarray(from);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Without members that are undefined: absent means absent. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

const offers = fc
  .subarray([
    { type: 'chat', parameters: { languages: ['en'] } },
    { type: 'chat', parameters: { languages: ['de', 'en'], context: { max_micro: 9 } } },
    { type: 'embed', parameters: { fast: true } },
  ])
  .filter((capabilities) => capabilities.length > 0);

const guarantees = fc
  .record({
    accuracy_ppm: maybe(fc.constantFrom({ min: 900_000 }, { min: 950_000 })),
    latency_p95_micros: maybe(fc.constantFrom({ max: 1_000_000 }, { max: 2_000_000 })),
    latency_max_micros: maybe(fc.constantFrom({ max: 1_500_000 }, { max: 4_000_000 })),
    determinism: maybe(fc.constantFrom({ equals: 0 }, { equals: 1 })),
    availability_ppm: maybe(fc.constantFrom({ min: 990_000 }, { min: 999_000 })),
  })
  .map((stated) => present<Contract['guarantees']>(stated));

const service = (id: string): fc.Arbitrary<Contract> =>
  fc
    .record({
      capabilities: offers,
      guarantees,
      actions: some('delete', 'send'),
      zone: fc.constantFrom('default', 'default', 'default', 'default', 'edge'),
      price: maybe(fc.constantFrom(0, 0, 0, 1_000_000)),
      locality: fc.constantFrom('on_device' as const, 'local' as const, 'cloud' as const),
      encrypted: fc.boolean(),
      jurisdictions: some('CH', 'EU'),
      risk: fc.constantFrom(100_000, 100_000, 100_000, 0, 400_000),
      certifications: some('gdpr', 'hipaa'),
      permissions: fc.constantFrom<string[]>([], ['chat:use'], ['chat:use', 'root'], [], ['root']),
      trust: fc.constantFrom(0, 0, 0, 3, 3, 4),
      origin: fc.constantFrom('internal' as const, 'external' as const),
      refuses: some('phi' as const),
    })
    .map((drawn) => {
      const { cost, ...plain } = contract(id);
      const priced = {
        per_request_micro_usd: drawn.price ?? 0,
        per_million_input_tokens_micro_usd: 2_000_000,
      };
      return {
        ...plain,
        ...(drawn.price === undefined
          ? {}
          : { cost: { ...priced, per_million_output_tokens_micro_usd: drawn.price } }),
        origin: drawn.origin,
        zone: drawn.zone,
        capabilities: drawn.capabilities,
        actions: drawn.actions,
        guarantees: drawn.guarantees,
        constraints: { refuses: drawn.refuses },
        privacy: {
          locality: drawn.locality,
          regions: [],
          jurisdictions: drawn.jurisdictions,
          encryption: { in_transit: true, at_rest: drawn.encrypted, end_to_end: false },
        },
        alignment: { certifications: drawn.certifications, risk_ppm: drawn.risk },
        security: { permissions: { any_of: drawn.permissions }, trust_level: drawn.trust },
      };
    });

const everyRule = [
  { id: 'risk', when: 'true', require: 'service.alignment.risk_ppm <= 100000' },
  {
    id: 'cost',
    when: 'request.data.classification == "restricted"',
    require: 'service.cost.per_request_micro_usd == 0',
  },
  { id: 'local', when: '"phi" in request.data.contains', require: 'service.privacy.locality != "cloud"' },
  { id: 'tenant', when: 'true', require: 'user.tenant == "acme"' },
  {
    id: 'cap',
    when: 'has(request.budget.max_cost_micro_usd)',
    require: 'service.cost.per_request_micro_usd <= request.budget.max_cost_micro_usd',
  },
  { id: 'errs', when: 'request.budget.max_latency_micros > 1', require: 'true' },
];
/** Mostly one or none: rules exclude, and a world in which nothing is left shows little. */
const rules = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.subarray(everyRule.slice(0, 5), { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.subarray(everyRule) },
);

const request: fc.Arbitrary<Request> = fc
  .record({
    capabilities: fc.constantFrom(
      [{ type: 'chat', parameters: { languages: ['en'] } }],
      [
        { type: 'chat', parameters: {} },
        { type: 'embed', parameters: {} },
      ],
    ),
    match: fc.constantFrom('all' as const, 'any' as const),
    guarantees: fc.constantFrom<Request['requirements']['guarantees']>(
      {},
      {},
      {},
      { latency_p95_micros: { max: 2_000_000 } },
      { accuracy_ppm: { min: 900_000 }, latency_p50_micros: { max: 3_000_000 } },
    ),
    forbidden: fc.constantFrom<string[]>([], [], ['delete']),
    classification: fc.constantFrom('internal' as const, 'internal' as const, 'restricted' as const),
    contains: fc.constantFrom<Request['data']['contains']>([], [], ['phi']),
    jurisdictions: fc.constantFrom<string[]>([], [], [], ['CH', 'EU']),
    budget: fc.constantFrom<Request['budget']>(
      {},
      { max_cost_micro_usd: 1_500_000 },
      { max_cost_micro_usd: 9_000_000, max_latency_micros: 3_000_000 },
    ),
    traits: fc.constantFrom<Request['traits']>(
      {},
      {},
      { confidential_ppm: 900_000 },
      { conservative_ppm: 900_000 },
    ),
    fallback: maybe(
      fc.record({
        max_services: fc.integer({ min: 1, max: 3 }),
        deadline_micros: fc.constantFrom(1_000, 900_000),
      }),
    ),
    profile: fc.constantFrom('balanced', 'cheapest', 'fastest', 'safest', 'field'),
  })
  .map(
    ({
      capabilities,
      match,
      guarantees: required,
      forbidden,
      classification,
      contains,
      jurisdictions,
      fallback,
      ...rest
    }) => ({
      ...plainRequest,
      ...rest,
      requirements: {
        capabilities,
        match,
        guarantees: required,
        constraints: { on_device: false, certifications: [], forbidden_actions: forbidden },
      },
      data: { classification, contains, jurisdictions },
      ...(fallback === undefined ? {} : { fallback }),
    }),
  );

const row = (id: string): fc.Arbitrary<HistoryRow | undefined> =>
  maybe(
    fc.constantFrom({ service: id, trials: 10, successes: 10 }, { service: id, trials: 10, successes: 3 }),
  );

const policies: fc.Arbitrary<readonly Policy[]> = fc
  .tuple(rules, rules)
  .map(([first, second]) => [policy('p', first), policy('q', second)]);

/** Worlds of up to `most` services; routed and refused in about equal parts. */
export function worlds(most: number): fc.Arbitrary<World> {
  const ids = Array.from({ length: most }, (_, i) => `s${i}`);
  return fc
    .record({
      drawn: fc.tuple(...ids.map(service)),
      drawnRows: fc.tuple(...ids.map(row)),
      /** Services with the content of the first: they tie. */
      twins: fc.subarray(ids, { maxLength: 3 }),
      size: fc.oneof(fc.integer({ min: 0, max: most }), fc.constant(most)),
      out: fc.subarray(ids, { maxLength: 1 }),
      policies,
      request,
      seed: fc.integer({ min: 0, max: 2 ** 32 }),
    })
    .map(({ drawn, drawnRows, twins, size, out, policies: loaded, request: asked, seed }) => ({
      state: {
        contracts: drawn
          .map((own) => (twins.includes(own.id) ? { ...(drawn[0] as Contract), id: own.id } : own))
          .slice(0, size),
        policies: loaded,
        parameters: defaultParameters,
        history: {
          from: 3,
          to: 8,
          rows: drawnRows
            .slice(0, size)
            .filter((own) => own !== undefined)
            .filter(({ service: id }) => !twins.includes(id) && (twins.length === 0 || id !== ids[0])),
        },
        availability: out.map((id) => ({ service: id, state: 'disabled', reason: 'drawn' })),
        as_of: 9,
      },
      request: asked,
      seed,
    }));
}

export const caller = plainCaller;
