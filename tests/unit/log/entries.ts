import type { Certificate } from '../../../src/contracts/certificate.js';
import type { Contract } from '../../../src/contracts/contract.js';
import type { Parameters } from '../../../src/contracts/parameters.js';
import type { Policy } from '../../../src/contracts/policy.js';
import {
  type AttemptEntry,
  type DecisionEntry,
  entryType,
  type Genesis,
  type OutcomeEntry,
} from '../../../src/log/entry.js';
import type { CheckpointSigner } from '../../../src/log/tlog/checkpoint.js';
import { signingKeyOf, verifierKeyOf } from '../../../src/proofs/signing-key.js';

const parameters: Parameters = {
  profiles: { balanced: [0, 0, 100_000, 0, 200_000, 200_000, 200_000, 100_000, 200_000] },
  scales: {
    cost_micro_usd: 50_000,
    latency_micros: 2_000_000,
    slack_ratio_ppm: 100_000,
    slack_time_micros: 1_000_000,
    slack_rate_micro: 10_000_000,
  },
  thresholds: { confidential_ppm: 500_000, conservative_ppm: 500_000 },
  tokens: { input: 1000, output: 500 },
  zones: { '*': ['internal'] },
  actions: { forbidden: [], harmful: [], unsafe: [] },
  authentication: { methods: ['api_key'], issuers: ['caio'], audience: 'caio' },
  deadline_micros: 30_000_000,
};

export const author = { method: 'local', key_id: 'setup' } as const;

const made = signingKeyOf('log.test', new Uint8Array(32).fill(7));
if (!made.ok) throw new Error(made.error.message);
const signingKey = made.value;
export const verifierKey = verifierKeyOf(signingKey);
export const signer: CheckpointSigner = {
  name: signingKey.name,
  hash: signingKey.hash,
  sign: (text) => signingKey.sign(Buffer.from(text)),
};

export const genesis: Genesis = {
  type: entryType,
  kind: 'genesis',
  time: 1,
  origin: signingKey.name,
  verifier_key: verifierKey,
  parameters,
};

export function contract(id: string, version = '1.0.0', description = 'a service'): Contract {
  return {
    id,
    version,
    description,
    origin: 'internal',
    zone: 'internal',
    capabilities: [{ type: 'chat', parameters: {} }],
    actions: [],
    guarantees: {},
    constraints: {},
    privacy: {
      locality: 'local',
      regions: [],
      jurisdictions: [],
      encryption: { in_transit: true, at_rest: true, end_to_end: false },
    },
    alignment: { certifications: [], risk_ppm: 0 },
    security: { permissions: { all: [] }, trust_level: 0 },
    api: { protocol: 'caio', url: 'http://127.0.0.1:1' },
    invariants: [],
  };
}

export function policy(id: string): Policy {
  return { id, version: '1', context: {}, rules: [] };
}

export const contractPut = (id: string, version?: string) =>
  ({ type: entryType, kind: 'contract.put', time: 2, author, contract: contract(id, version) }) as const;

/** A decision entry that has what the log reads of a certificate. */
export function decision(id: string, asOf: number, tenant = 'acme'): DecisionEntry {
  const inputs = { caller: { tenant }, time: 3, state: { as_of: asOf } };
  const outcome = { decision: 'refused', step: 'matching', nearest: [] };
  return {
    type: entryType,
    kind: 'decision',
    time: 3,
    certificate: { id, inputs, outcome } as unknown as Certificate,
  };
}

export function attempt(decided: string, service: string): AttemptEntry {
  const reference = { service, version: '1.0.0', contract: '0'.repeat(64) };
  return { type: entryType, kind: 'attempt', time: 6, decision: decided, rank: 0, service: reference };
}

export function outcome(service: string, result: OutcomeEntry['measured']['result']): OutcomeEntry {
  return {
    type: entryType,
    kind: 'outcome',
    time: 4,
    decision: 'd',
    rank: 0,
    service: { service, version: '1.0.0', contract: '0'.repeat(64) },
    measured: { result, latency_micros: 10 },
    verdicts: [],
  };
}
