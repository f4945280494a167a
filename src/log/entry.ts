import type { Caller } from '../contracts/caller.js';
import type { Certificate, ServiceReference } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Policy } from '../contracts/policy.js';
import type { KeyRecord } from './key-record.js';

/** The version of every entry of this file; a reader refuses any other. */
export const entryType = 'caio/entry/v1';

/** Who asked for a change, as far as the log may say: the credential, never the person. */
export interface Author {
  readonly method: Caller['method'];
  readonly key_id: string;
}

interface Entry<Kind extends string> {
  readonly type: typeof entryType;
  readonly kind: Kind;
  /** Microseconds since the epoch, by the clock of the instance that appended it. */
  readonly time: number;
}

interface Put<Kind extends string> extends Entry<Kind> {
  readonly author: Author;
  /** A signed note (log calculus section 6): the author's signature on the change, and an approver's. */
  readonly change?: string;
}

/** The first entry of every log, and only the first. */
export interface Genesis extends Entry<'genesis'> {
  /** Name of the log: the name of its signing key. */
  readonly origin: string;
  /** Verifier key of the operator, `<name>+<hex8>+<base64>`. */
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

/** A statistical promise that trials of an epoch refute (log calculus section 4.6). */
export interface Breach {
  readonly service: string;
  readonly property: string;
  /** The promised miss rate, parts per million. */
  readonly p0_ppm: number;
  readonly trials: number;
  readonly misses: number;
}

/** Closes an epoch: its table is the fold of the outcomes in [from, to); `digest` is the set root of its rows. */
export interface HistoryEpoch extends Entry<'history.epoch'> {
  /** 1 for the first. */
  readonly epoch: number;
  readonly from: number;
  /** The index of this entry. */
  readonly to: number;
  readonly digest: string;
  readonly breaches: readonly Breach[];
}

export type StateEntry =
  | Genesis
  | ContractPut
  | ContractRemove
  | PolicyPut
  | PolicyRemove
  | ParametersPut
  | KeyPut
  | KeyRevoke
  | AvailabilityPut
  | HistoryEpoch;

export interface DecisionEntry extends Entry<'decision'> {
  readonly certificate: Certificate;
  /** Present when the decision was made to be executed at once: the first attempt rides in it (INV-CAIO-LOG-0003). */
  readonly attempt?: { readonly rank: number; readonly service: ServiceReference };
}

/** Durable before the payload leaves. Without an outcome it counts as disclosed. */
export interface AttemptEntry extends Entry<'attempt'> {
  readonly decision: string;
  readonly rank: number;
  readonly service: ServiceReference;
}

/**
 * How one transmission ended: `aborted` (the caller left) is no trial, `rejected` is an answer that refused the payload, `not_sent` was recorded
 * and never transmitted.
 */
export type AttemptResult = 'answered' | 'rejected' | 'failed' | 'aborted' | 'not_sent';

export interface Measured {
  readonly result: AttemptResult;
  /** From just before the first byte was sent to the last byte received. */
  readonly latency_micros: number;
  readonly first_byte_micros?: number;
  readonly status?: number;
  readonly answer_bytes?: number;
  /** Error code of a failure. */
  readonly code?: string;
  /** As the service reported them. */
  readonly tokens?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly cached_tokens?: number;
  };
  /** Of the tokens that the service reported, at the prices of its contract. */
  readonly cost_micro_usd?: number;
}

/** Whether one call kept one promise (log calculus section 3.7). */
export interface Verdict {
  readonly property: string;
  readonly bound: number;
  readonly held: boolean;
}

/** What was answered, without saying what it was (log calculus section 3.8). */
export interface ResultCommitment {
  /** HMAC-SHA-256 in hex of the answer's bytes under a salt kept off the log. */
  readonly commitment: string;
  /** The service's Ed25519 signature, base64. */
  readonly signature?: string;
  /** There was one, and it is not the service's. */
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

/** A property proved over policies, by what, in which scope. */
export interface ProofEntry extends Entry<'proof'> {
  readonly property: string;
  readonly scope: string;
  readonly result: 'proved' | 'refuted' | 'vacuous' | 'unknown';
  readonly by: string;
}

/** Someone read or exported what is others' (log calculus section 7). */
export interface AccessEntry extends Entry<'access'> {
  readonly author: Author;
  readonly what: 'trace' | 'traces' | 'bundle' | 'audit' | 'export' | 'openings' | 'keys';
  /** The decision that was read, where it was one. */
  readonly decision?: string;
  /** Where it was a range: from which log index on, and the size of the log. */
  readonly from?: number;
  readonly to?: number;
}

/** Openings were destroyed, or kept from being destroyed (log calculus section 7). */
export interface ErasureEntry extends Entry<'erasure'> {
  readonly author: Author;
  readonly action: 'erase' | 'expire' | 'hold' | 'release';
  /** A commitment to the subject, where it is about one. */
  readonly subject?: string;
  /** The retention class, where it is about one. */
  readonly retention?: string;
  /** How many openings are gone. */
  readonly openings?: number;
}

export type EventEntry =
  | DecisionEntry
  | AttemptEntry
  | OutcomeEntry
  | ProofEntry
  | AccessEntry
  | ErasureEntry;

export type LogEntry = StateEntry | EventEntry;

const stateKinds: ReadonlySet<string> = new Set<StateEntry['kind']>([
  'genesis',
  'contract.put',
  'contract.remove',
  'policy.put',
  'policy.remove',
  'parameters.put',
  'key.put',
  'key.revoke',
  'availability.put',
  'history.epoch',
]);

/** Whether decisions read it: decisions made before it do not stand after it. */
export function isStateEntry(entry: LogEntry): entry is StateEntry {
  return stateKinds.has(entry.kind);
}
