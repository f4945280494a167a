import type { Contract } from '../src/contracts/contract.js';
import { defaultParameters } from '../src/contracts/default-parameters.js';
import type { Policy, Rule } from '../src/contracts/policy.js';
import type { Request } from '../src/contracts/request.js';
import type { State } from '../src/contracts/state.js';
import type { DecisionInputs } from '../src/orchestrator/question.js';

/** Deterministic draws: the same state and requests in every run (mulberry32). */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (((x ^ (x >>> 14)) >>> 0) % below) | 0;
  };
}

const types = ['chat', 'code', 'embed', 'image', 'speech'];
const languages = ['de', 'en', 'es', 'fr', 'it', 'ja', 'pl', 'zh'];
const jurisdictions = ['CH', 'EU', 'UK', 'US'];
const budgets = [5_000, 10_000, 50_000, 200_000];
const localities = ['on_device', 'local', 'region', 'cloud'] as const;

function contract(i: number, draw: (below: number) => number): Contract {
  const locality = localities[draw(4)] ?? 'cloud';
  return {
    id: `service-${String(i).padStart(5, '0')}`,
    version: '1.0.0',
    origin: draw(3) === 0 ? 'internal' : 'external',
    zone: draw(12) === 0 ? 'edge' : 'default',
    capabilities: [types[draw(5)] ?? 'chat', types[draw(5)] ?? 'chat'].map((type) => ({
      type,
      parameters: {
        languages: languages.filter(() => draw(4) > 0),
        context: { max_micro: (1 + draw(9)) * 1e9 },
      },
    })),
    actions: draw(6) === 0 ? ['send_mail'] : [],
    guarantees: {
      accuracy_ppm: { min: 850_000 + draw(150_000) },
      availability_ppm: { min: 990_000 + draw(10_000) },
      latency_p95_micros: { max: 100_000 + draw(3_000_000) },
    },
    constraints: { max_total_tokens: 8_000 + draw(120_000), refuses: draw(5) === 0 ? ['phi'] : [] },
    cost: {
      per_request_micro_usd: draw(500),
      per_million_input_tokens_micro_usd: draw(20_000_000),
      per_million_output_tokens_micro_usd: draw(60_000_000),
    },
    privacy: {
      locality,
      regions: ['r1'],
      jurisdictions: [jurisdictions[draw(4)] ?? 'EU'],
      encryption: { in_transit: true, at_rest: draw(4) > 0, end_to_end: false },
    },
    alignment: {
      certifications: ['gdpr', 'hipaa', 'soc2'].filter(() => draw(2) > 0),
      risk_ppm: draw(500_000),
    },
    security: { permissions: { all: draw(8) === 0 ? ['admin'] : ['route'] }, trust_level: draw(5) },
    api: { protocol: 'http', url: 'http://127.0.0.1:1' },
    invariants: [],
  };
}

/** Of ten rules one or two fire; of those that fire half read the service alone, a third the request too, the rest only the request. */
function rule(i: number, draw: (below: number) => number): Rule {
  const requires = [
    `service.alignment.risk_ppm <= ${400_000 + draw(100_000)}`,
    'service.privacy.locality != "cloud" || service.privacy.encryption.in_transit',
    '!("pci" in service.constraints.refuses) || service.origin == "internal"',
    'service.cost.per_request_micro_usd <= request.budget.max_cost_micro_usd',
    'service.security.trust_level <= user.trust_level + 1',
    'size(request.requirements.capabilities) < 5',
  ];
  return {
    id: `rule-${String(i).padStart(4, '0')}`,
    type: 'compliance',
    when: draw(10) === 0 ? 'true' : `request.intent.type == "task-${draw(60)}"`,
    require: requires[draw(requires.length)] ?? 'true',
    reason: 'measured',
    priority: 0,
  };
}

export function benchState(services: number, rules: number): State {
  const draw = draws(services * 31 + rules);
  const policies: Policy[] = Array.from({ length: Math.ceil(rules / 50) }, (_, p) => ({
    id: `policy-${String(p).padStart(2, '0')}`,
    version: '1.0.0',
    context: {},
    rules: Array.from({ length: Math.min(50, rules - p * 50) }, (__, i) => rule(p * 50 + i, draw)),
  }));
  const contracts = Array.from({ length: services }, (_, i) => contract(i, draw));
  return {
    contracts,
    policies,
    parameters: defaultParameters,
    history: {
      from: 0,
      to: 9,
      rows: contracts
        .filter(() => draw(2) > 0)
        .map(({ id }) => {
          const trials = draw(1_000);
          return { service: id, trials, successes: draw(trials + 1) };
        }),
    },
    availability: contracts
      .filter(() => draw(50) === 0)
      .map(({ id }) => ({ service: id, state: 'held_out', reason: 'measured' })),
    as_of: 1,
  };
}

/** Requests of many kinds, some of which no service may serve. */
export function benchInputs(count: number): readonly DecisionInputs[] {
  const draw = draws(7);
  return Array.from({ length: count }, (_, i): DecisionInputs => {
    const sensitive = draw(3) === 0;
    const request: Request = {
      intent: { type: `task-${draw(60)}` },
      requirements: {
        capabilities: [
          { type: types[draw(5)] ?? 'chat', parameters: { languages: [languages[draw(8)] ?? 'en'] } },
        ],
        match: 'all',
        guarantees:
          draw(2) === 0 ? {} : { accuracy_ppm: { min: 860_000 }, latency_p95_micros: { max: 2_500_000 } },
        constraints: {
          on_device: draw(8) === 0,
          certifications: draw(4) === 0 ? ['hipaa'] : [],
          forbidden_actions: [],
        },
      },
      data: {
        classification: sensitive ? 'restricted' : 'internal',
        contains: sensitive ? ['phi'] : [],
        jurisdictions: draw(3) === 0 ? ['CH', 'EU'] : [],
      },
      // Most budgets are those of a client's configuration; one in four is a request's own.
      budget: {
        max_cost_micro_usd: draw(4) === 0 ? 1_000 + draw(200_000) : (budgets[draw(budgets.length)] ?? 0),
        max_latency_micros: 3_000_000,
      },
      estimate: { input_tokens: 500 + draw(3_000), output_tokens: 100 + draw(1_000) },
      traits: draw(4) === 0 ? { risk_tolerance_ppm: 300_000 } : {},
      ...(draw(2) === 0 ? { fallback: { max_services: 3, deadline_micros: 500_000 } } : {}),
      context: {},
      profile: ['balanced', 'cheapest', 'fastest', 'safest'][draw(4)] ?? 'balanced',
    };
    return {
      request,
      commitments: { payload: 'ab'.repeat(32) },
      caller: {
        method: 'jwt',
        issuer: 'caio',
        audience: 'caio',
        key_id: 'k1',
        not_before: 0,
        expires: 10_000,
        tenant: 'acme',
        permissions: ['route'],
        trust_level: 3,
      },
      time: 1_000 + i,
      seed: i,
      seedOrigin: 'caller',
    };
  });
}
