import type { Bundle } from '../../src/contracts/bundle.js';
import type { Certificate } from '../../src/contracts/certificate.js';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import type { Policy } from '../../src/contracts/policy.js';
import type { Request } from '../../src/contracts/request.js';
import type { State } from '../../src/contracts/state.js';
import type { DecisionInputs } from '../../src/orchestrator/question.js';
import { packBundle, type RecordedLevel } from '../../src/proofs/bundle.js';
import { signCertificate } from '../../src/proofs/envelope.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { contract, decided, inputs, plainCaller, plainRequest, state } from '../unit/orchestrator/world.js';

const made = signingKeyOf('caio.example', new Uint8Array(32).fill(7));
if (!made.ok) throw new Error(made.error.message);
export const key: SigningKey = made.value;
export const verifierKey = verifierKeyOf(key);

const policies: readonly Policy[] = [
  {
    id: 'cost-caps',
    version: '1.0.0',
    description: 'What calls may cost.',
    context: { department: { type: 'string', sealed: false }, patient: { type: 'string', sealed: true } },
    rules: [
      {
        id: 'cap',
        type: 'cost',
        when: 'context.department == "cardiology"',
        require: 'service.cost.per_request_micro_usd <= 500',
        reason: 'A call costs at most 500 micro-dollars.',
        priority: 2,
      },
      { id: 'idle', type: 'cost', when: 'false', require: 'false', reason: 'Does not fire.', priority: 0 },
    ],
  },
  {
    id: 'privacy',
    version: '2',
    context: {},
    rules: [
      {
        id: 'encrypted',
        type: 'privacy',
        when: '"phi" in request.data.contains',
        require: 'service.privacy.encryption.in_transit',
        reason: 'Health data travels encrypted.',
        priority: 1,
      },
    ],
  },
];

const chat = [
  { type: 'chat', parameters: { languages: ['de', 'en'], streaming: true, tokens: { max_micro: 9 } } },
];
const promises = {
  accuracy_ppm: { min: 950_000, measured: 'over 30 days' },
  availability_ppm: { min: 999_000 },
  latency_max_micros: { max: 3_000_000 },
  latency_p95_micros: { max: 1_000_000 },
};

/** Services that go out at every step, four that stay, rows for some of them and for one that is gone. */
const world: State = state(
  [
    contract('alpha', { capabilities: chat, guarantees: promises, description: 'the first' }),
    contract('beta', { capabilities: chat, guarantees: { ...promises, accuracy_ppm: { min: 960_000 } } }),
    contract('delta', { capabilities: chat, guarantees: promises, constraints: { max_total_tokens: 9_000 } }),
    contract('gamma', { capabilities: chat, guarantees: promises, invariants: ['INV-B', 'INV-A'] }),
    contract('no-chat', { capabilities: [{ type: 'embed', parameters: {} }] }),
    contract('off', { capabilities: chat, guarantees: promises }),
    contract('pricy', { capabilities: chat, guarantees: promises, cost: { per_request_micro_usd: 900 } }),
    contract('rooted', {
      capabilities: chat,
      guarantees: promises,
      security: { permissions: { any_of: ['admin', 'root'] }, trust_level: 0, tenants: ['acme', 'clinic'] },
    }),
    contract('slow', {
      capabilities: chat,
      guarantees: { ...promises, latency_p95_micros: { max: 2_500_000 } },
    }),
  ],
  {
    policies,
    parameters: { ...defaultParameters, zones: { '*': ['default'], clinic: ['default', 'vault'] } },
    history: {
      from: 2,
      to: 6,
      rows: [
        { service: 'alpha', trials: 20, successes: 19 },
        { service: 'gamma', trials: 4, successes: 1 },
        { service: 'gone', trials: 7, successes: 7 },
        { service: 'rooted', trials: 3, successes: 0 },
      ],
    },
    availability: [
      { service: 'bygone', state: 'held_out', reason: 'too many faults' },
      { service: 'off', state: 'disabled', reason: 'maintenance' },
    ],
  },
);

const request: Request = {
  ...plainRequest,
  requirements: {
    ...plainRequest.requirements,
    capabilities: [
      { type: 'chat', parameters: { languages: ['en'], streaming: true, tokens: { max_micro: 8 } } },
    ],
    guarantees: { accuracy_ppm: { min: 900_000 }, latency_p95_micros: { max: 2_800_000 } },
  },
  data: { classification: 'restricted', contains: ['phi'], jurisdictions: ['CH', 'EU'] },
  budget: { max_cost_micro_usd: 9_000, max_latency_micros: 2_000_000 },
  estimate: { input_tokens: 1_000, output_tokens: 500, cached_tokens: 10 },
  traits: { conservative_ppm: 1_000, confidential_ppm: 2_000, risk_tolerance_ppm: 300_000 },
  context: { department: 'cardiology' },
};
const fallback = { max_services: 3, deadline_micros: 100_000 };
const commitments = {
  'caller.subject': 'c'.repeat(64),
  'context.patient': 'd'.repeat(64),
  payload: 'e'.repeat(64),
};
const caller = { ...plainCaller, permissions: ['chat:use', 'embed:use'] };

const questions: { readonly [name: string]: Partial<DecisionInputs> } = {
  'a single service': { request },
  'a chain of three': { request: { ...request, fallback }, seedOrigin: 'server' },
  'a refusal': {
    request: { ...request, budget: { max_cost_micro_usd: 10 }, context: { department: 'ward' } },
  },
  'a refused credential': { caller: { ...caller, method: 'api_key', audience: 'another' }, time: 2_000_000 },
  'an empty registry': { request },
};

export interface BaseDecision {
  readonly name: string;
  readonly certificate: Certificate;
  readonly state: State;
}

/** One decision of each kind, over a state in which every part of a certificate and of a bundle is there. */
export const baseDecisions: readonly BaseDecision[] = Object.entries(questions).map(([name, question]) => {
  const of = name === 'an empty registry' ? { ...world, contracts: [], availability: [] } : world;
  const asked = inputs({ request, commitments, caller, ...question });
  return { name, certificate: decided(of, asked).certificate, state: of };
});

export function bundleOf({ certificate, state }: BaseDecision, level: 1 | 2 | 3 | RecordedLevel): Bundle {
  const bundle = packBundle(signCertificate(certificate, key), certificate, state, level);
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error));
  return bundle.value;
}
