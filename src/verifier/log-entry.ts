// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Certificate, ServiceReference } from './certificate-document.js';
import type { Caller, Contract, Parameters, Policy, PromiseCount } from './documents.js';

export interface Author {
  readonly method: Caller['method'];
  readonly key_id: string;
}

interface Entry<Kind extends string> {
  readonly type: 'caio/entry/v1';
  readonly kind: Kind;
  readonly time: number;
}
interface Put<Kind extends string> extends Entry<Kind> {
  readonly author: Author;
  readonly change?: string;
}

export interface KeyRecord {
  readonly id: string;
  readonly digest: string;
  readonly subject_commitment?: string;
  readonly label?: string;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
  readonly scopes: readonly string[];
  readonly not_before: number;
  readonly expires: number;
  readonly verifier_key?: string;
}

export interface Genesis extends Entry<'genesis'> {
  readonly origin: string;
  readonly verifier_key: string;
  readonly parameters: Parameters;
}
export interface ContractPut extends Put<'contract.put'> {
  readonly contract: Contract;
}
export interface ContractRemove extends Put<'contract.remove'> {
  readonly service: string;
}
export interface PolicyPut extends Put<'policy.put'> {
  readonly policy: Policy;
}
export interface PolicyRemove extends Put<'policy.remove'> {
  readonly policy: string;
}
export interface ParametersPut extends Put<'parameters.put'> {
  readonly parameters: Parameters;
}
export interface KeyPut extends Put<'key.put'> {
  readonly key: KeyRecord;
}
export interface KeyRevoke extends Put<'key.revoke'> {
  readonly key: string;
}
export interface AvailabilityPut extends Put<'availability.put'> {
  readonly service: string;
  readonly state: 'available' | 'disabled' | 'held_out';
  readonly reason: string;
}
export interface HistoryEpoch extends Entry<'history.epoch'> {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly digest: string;
  readonly breaches: readonly ({ readonly service: string } & PromiseCount)[];
}

/** What somebody changed: every state entry but the first one and the ends of epochs. */
export type Change =
  | ContractPut
  | ContractRemove
  | PolicyPut
  | PolicyRemove
  | ParametersPut
  | KeyPut
  | KeyRevoke
  | AvailabilityPut;
export type StateEntry = Genesis | Change | HistoryEpoch;

export interface DecisionEntry extends Entry<'decision'> {
  readonly certificate: Certificate;
  readonly attempt?: { readonly rank: number; readonly service: ServiceReference };
}
export interface AttemptEntry extends Entry<'attempt'> {
  readonly decision: string;
  readonly rank: number;
  readonly service: ServiceReference;
}
export interface Measured {
  readonly result: 'answered' | 'rejected' | 'failed' | 'aborted' | 'not_sent';
  readonly latency_micros: number;
  readonly first_byte_micros?: number;
  readonly status?: number;
  readonly answer_bytes?: number;
  readonly code?: string;
  readonly tokens?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly cached_tokens?: number;
  };
  readonly cost_micro_usd?: number;
}
export interface Verdict {
  readonly property: string;
  readonly bound: number;
  readonly held: boolean;
}
export interface ResultCommitment {
  readonly commitment: string;
  readonly signature?: string;
  readonly signature_refused?: true;
}
export interface OutcomeEntry extends Entry<'outcome'> {
  readonly decision: string;
  readonly rank: number;
  readonly service: ServiceReference;
  readonly measured: Measured;
  readonly verdicts: readonly Verdict[];
  readonly result?: ResultCommitment;
}
export interface ProofEntry extends Entry<'proof'> {
  readonly property: string;
  readonly scope: string;
  readonly result: 'proved' | 'refuted' | 'vacuous' | 'unknown';
  readonly by: string;
}
export interface AccessEntry extends Entry<'access'> {
  readonly author: Author;
  readonly what: 'trace' | 'traces' | 'bundle' | 'audit' | 'export' | 'openings' | 'keys';
  readonly decision?: string;
  readonly from?: number;
  readonly to?: number;
}
export interface ErasureEntry extends Entry<'erasure'> {
  readonly author: Author;
  readonly action: 'erase' | 'expire' | 'hold' | 'release';
  readonly subject?: string;
  readonly retention?: string;
  readonly openings?: number;
}

export type LogEntry =
  | StateEntry
  | DecisionEntry
  | AttemptEntry
  | OutcomeEntry
  | ProofEntry
  | AccessEntry
  | ErasureEntry;
export type EntryKind = LogEntry['kind'];
