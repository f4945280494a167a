// Small worlds: up to fourteen services that differ in everything a step looks at, a few rules, one request.
import type { Caller } from '../../../src/contracts/caller.js';
import type { Contract } from '../../../src/contracts/contract.js';
import type { Parameters } from '../../../src/contracts/parameters.js';
import type { Policy } from '../../../src/contracts/policy.js';
import type { Request } from '../../../src/contracts/request.js';
import type { State } from '../../../src/contracts/state.js';
import type { DecisionInputs } from '../../../src/verifier/index.js';

export interface Case {
  readonly state: State;
  readonly given: DecisionInputs;
}

/** A whole number in [0, below). */
export type Draw = (below: number) => number;

/** mulberry32: the same seed, the same cases, on every machine. */
export function generator(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function oneOf<T>(draw: Draw, items: readonly T[]): T {
  return items[draw(items.length)] as T;
}

function subset<T>(draw: Draw, items: readonly T[], oneIn = 2): T[] {
  return items.filter(() => draw(oneIn) === 0);
}

export function contractCase(draw: Draw, id: string): Contract {
  const latency = 100_000 * (1 + draw(40));
  const cost = {
    per_request_micro_usd: draw(5) * 1_000,
    per_million_input_tokens_micro_usd: draw(20) * 1_000_000,
    ...(draw(8) > 0 && { per_million_output_tokens_micro_usd: draw(40) * 1_000_000 }),
  };
  return {
    id,
    version: `1.${draw(3)}.0`,
    origin: oneOf(draw, ['internal', 'external']),
    zone: oneOf(draw, ['eu', 'eu', 'eu', 'us']),
    capabilities: [
      {
        type: 'chat',
        parameters: { languages: subset(draw, ['de', 'en', 'fr'], 1 + draw(2)), stream: draw(4) > 0 },
      },
      ...(draw(2) === 0
        ? [{ type: 'embed', parameters: { width: { min_micro: 0, max_micro: 4_000_000 } } }]
        : []),
    ],
    actions: subset(draw, ['delete', 'read', 'write'], 5),
    guarantees: {
      ...(draw(8) > 0 && { accuracy_ppm: { min: 800_000 + draw(20) * 10_000 } }),
      ...(draw(3) === 0 && { determinism: { equals: draw(2) } }),
      ...(draw(8) > 0 && { latency_p95_micros: { max: latency } }),
      ...(draw(2) === 0 && { latency_max_micros: { max: 2 * latency } }),
    },
    constraints: {
      ...(draw(3) === 0 && { max_input_tokens: 1_000 * (1 + draw(8)) }),
      ...(draw(6) === 0 && { max_classification: oneOf(draw, ['internal', 'confidential']) }),
      ...(draw(8) === 0 && { refuses: ['phi'] }),
    },
    ...(draw(10) > 0 && { cost }),
    privacy: {
      locality: oneOf(draw, ['on_device', 'local', 'region', 'cloud']),
      regions: subset(draw, ['de', 'fr', 'us']),
      jurisdictions: subset(draw, ['EU', 'US'], 2),
      encryption: { in_transit: draw(8) > 0, at_rest: draw(4) > 0, end_to_end: false },
    },
    alignment: { certifications: subset(draw, ['gdpr', 'iso27001']), risk_ppm: draw(11) * 50_000 },
    security: {
      permissions: oneOf(draw, [
        { all: [] },
        { all: ['chat'] },
        { all: ['admin', 'chat'] },
        { any_of: ['admin', 'chat'] },
      ]),
      trust_level: draw(3),
      ...(draw(6) === 0 && { tenants: subset(draw, ['acme', 'globex']) }),
    },
    api: { protocol: 'caio', url: `http://127.0.0.1:9000/${id}` },
    invariants: [],
  };
}

function requestCase(draw: Draw): Request {
  return {
    intent: { type: 'chat' },
    requirements: {
      capabilities: [
        { type: 'chat', parameters: draw(5) === 0 ? { languages: ['de'], stream: draw(2) === 0 } : {} },
        ...(draw(8) === 0 ? [{ type: 'embed', parameters: { width: { min_micro: 1_000_000 } } }] : []),
      ],
      match: oneOf(draw, ['all', 'any']),
      guarantees: {
        ...(draw(3) === 0 && { accuracy_ppm: { min: 850_000 } }),
        ...(draw(3) === 0 && { latency_p95_micros: { max: 3_000_000 } }),
      },
      constraints: {
        on_device: draw(12) === 0,
        certifications: draw(6) === 0 ? ['gdpr'] : [],
        forbidden_actions: draw(4) === 0 ? ['write'] : [],
      },
    },
    data: {
      classification: oneOf(draw, ['public', 'public', 'internal', 'confidential', 'restricted']),
      contains: draw(6) === 0 ? ['phi'] : [],
      jurisdictions: draw(6) === 0 ? ['EU'] : [],
    },
    budget: {
      ...(draw(3) === 0 && { max_cost_micro_usd: 20_000 }),
      ...(draw(3) === 0 && { max_latency_micros: 3_000_000 }),
    },
    estimate: { input_tokens: 100 * draw(30), ...(draw(2) === 0 && { output_tokens: 500 }) },
    traits: {
      ...(draw(4) === 0 && { conservative_ppm: draw(3) * 400_000 }),
      ...(draw(4) === 0 && { risk_tolerance_ppm: 400_000 }),
    },
    ...(draw(3) === 0 && { fallback: { max_services: 1 + draw(3), deadline_micros: 500_000 * draw(4) } }),
    context: draw(3) === 0 ? { department: 'cardiology', urgency: draw(4) } : {},
    profile: oneOf(draw, ['balanced', 'cheapest', 'fastest', 'safest']),
  };
}

const rules = [
  { when: '"phi" in request.data.contains', require: 'service.privacy.locality in ["local", "on_device"]' },
  {
    when: 'has(context.urgency) && context.urgency > 1',
    require: 'service.guarantees.latency_p95_micros.max <= 2500000',
  },
  {
    when: 'user.tenant == "globex"',
    require: 'service.origin == "internal" || service.alignment.risk_ppm < 300000',
  },
  { when: 'context.urgency / (context.urgency - 1) == 0', require: 'true' },
  { when: 'true', require: 'service.capabilities.exists(c, c.type == "chat") && now > 0' },
];

const profiles: Parameters['profiles'] = {
  balanced: [0, 0, 100_000, 0, 200_000, 200_000, 200_000, 100_000, 200_000],
  cheapest: [0, 0, 50_000, 0, 100_000, 100_000, 600_000, 50_000, 100_000],
  fastest: [0, 0, 50_000, 0, 100_000, 150_000, 100_000, 50_000, 550_000],
  safest: [0, 0, 50_000, 0, 250_000, 300_000, 50_000, 300_000, 50_000],
};

export function decisionCase(draw: Draw): Case {
  const contracts = Array.from({ length: 1 + draw(14) }, (_, i) =>
    contractCase(draw, `svc-${String(i).padStart(2, '0')}`),
  );
  const rows = subset(draw, contracts).map(({ id }) => ({ service: id, trials: 100, successes: draw(101) }));
  const unavailable = subset(draw, contracts, 10).map(({ id }) => ({
    service: id,
    state: oneOf(draw, ['disabled', 'held_out'] as const),
    reason: '',
  }));
  const context: Policy['context'] = {
    department: { type: 'string', sealed: false },
    urgency: { type: 'int', sealed: false },
  };
  const chosen = rules.filter((_, i) => (i === 3 ? draw(12) === 0 : draw(2) === 0));
  const policies: Policy[] = [
    {
      id: 'house',
      version: '1',
      context,
      rules: chosen.map((rule, i) => ({ id: `r${i}`, type: 'compliance', reason: '', priority: 0, ...rule })),
    },
  ];
  const parameters: Parameters = {
    profiles,
    scales: {
      cost_micro_usd: 50_000,
      latency_micros: 2_000_000,
      slack_ratio_ppm: 100_000,
      slack_time_micros: 1_000_000,
      slack_rate_micro: 10_000_000,
    },
    thresholds: { confidential_ppm: 600_000, conservative_ppm: 600_000 },
    tokens: { input: 1_000, output: 500 },
    zones: { '*': ['eu'], globex: ['eu', 'us'] },
    actions: { forbidden: [], harmful: ['delete'], unsafe: [] },
    authentication: { methods: ['jwt', 'local'], issuers: ['https://id.example'], audience: 'caio' },
    deadline_micros: 60_000_000,
  };
  const caller: Caller = {
    method: draw(20) === 0 ? 'api_key' : oneOf(draw, ['jwt', 'local']),
    issuer: 'https://id.example',
    audience: 'caio',
    key_id: 'k1',
    not_before: 1_000_000,
    expires: draw(30) === 0 ? 1_500_000 : 9_000_000,
    tenant: oneOf(draw, ['acme', 'globex', 'initech']),
    permissions: draw(5) === 0 ? ['admin', 'chat'] : ['chat'],
    trust_level: 1 + draw(3),
  };
  return {
    state: {
      contracts,
      policies,
      parameters,
      history: { from: 0, to: 7, rows },
      availability: unavailable,
      as_of: 9,
    },
    given: {
      request: requestCase(draw),
      commitments: {},
      caller,
      time: 2_000_000,
      seed: draw(2 ** 31),
      seedOrigin: oneOf(draw, ['caller', 'server']),
    },
  };
}
