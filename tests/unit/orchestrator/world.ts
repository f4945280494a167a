import type { Caller } from '../../../src/contracts/caller.js';
import type { Contract } from '../../../src/contracts/contract.js';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import type { Policy } from '../../../src/contracts/policy.js';
import type { Request } from '../../../src/contracts/request.js';
import type { State } from '../../../src/contracts/state.js';
import { type Decision, decide } from '../../../src/orchestrator/decide.js';
import type { DecisionInputs } from '../../../src/orchestrator/question.js';
import { buildSnapshot, type Snapshot } from '../../../src/orchestrator/snapshot.js';

/** A contract that satisfies `plainRequest` for `plainCaller`. */
export function contract(id: string, more: Partial<Contract> = {}): Contract {
  return {
    id,
    version: '1.0.0',
    origin: 'external',
    zone: 'default',
    capabilities: [{ type: 'chat', parameters: { languages: ['de', 'en'] } }],
    actions: [],
    guarantees: { latency_p95_micros: { max: 1_000_000 } },
    constraints: {},
    cost: {
      per_request_micro_usd: 0,
      per_million_input_tokens_micro_usd: 1_000_000,
      per_million_output_tokens_micro_usd: 2_000_000,
    },
    privacy: {
      locality: 'cloud',
      regions: ['eu-west'],
      jurisdictions: ['EU'],
      encryption: { in_transit: true, at_rest: true, end_to_end: false },
    },
    alignment: { certifications: [], risk_ppm: 100_000 },
    security: { permissions: { all: [] }, trust_level: 0 },
    api: { protocol: 'http', url: 'http://127.0.0.1:1' },
    invariants: [],
    ...more,
  };
}

export const plainRequest: Request = {
  intent: { type: 'chat' },
  requirements: {
    capabilities: [{ type: 'chat', parameters: { languages: ['en'] } }],
    match: 'all',
    guarantees: {},
    constraints: { on_device: false, certifications: [], forbidden_actions: [] },
  },
  data: { classification: 'internal', contains: [], jurisdictions: [] },
  budget: {},
  estimate: { input_tokens: 1_000, output_tokens: 500 },
  traits: {},
  context: {},
  profile: 'balanced',
};

export const plainCaller: Caller = {
  method: 'jwt',
  issuer: 'caio',
  audience: 'caio',
  key_id: 'k1',
  not_before: 1_000,
  expires: 2_000_000,
  tenant: 'acme',
  permissions: ['chat:use'],
  trust_level: 3,
};

export function state(contracts: readonly Contract[], more: Partial<State> = {}): State {
  return {
    contracts,
    policies: [],
    parameters: defaultParameters,
    history: { from: 0, to: 0, rows: [] },
    availability: [],
    as_of: 7,
    ...more,
  };
}

export function policy(id: string, rules: readonly { id: string; when: string; require: string }[]): Policy {
  return {
    id,
    version: '1.0.0',
    context: {},
    rules: rules.map((rule) => ({ ...rule, type: 'sla', reason: `because of ${rule.id}`, priority: 0 })),
  };
}

export function snapshotOf(of: State, previous?: Snapshot): Snapshot {
  const built = buildSnapshot(of, previous);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return built.value;
}

export function inputs(more: Partial<DecisionInputs> = {}): DecisionInputs {
  return {
    request: plainRequest,
    commitments: {},
    caller: plainCaller,
    time: 10_000,
    seed: 42,
    seedOrigin: 'caller',
    ...more,
  };
}

export function decided(of: State, more: Partial<DecisionInputs> = {}): Decision {
  const decision = decide(inputs(more), snapshotOf(of));
  if (!decision.ok) throw new Error(JSON.stringify(decision.error));
  return decision.value;
}
