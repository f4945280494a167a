import type { Envelope } from '../contracts/bundle.js';
import type { Certificate, Funnel, Refused, Routed, ServiceReference } from '../contracts/certificate.js';
import type { WireContract, WireParameters } from '../contracts/wire.js';

/** What the HTTP API answers; /openapi.json says the same. */

export interface ServiceSummary {
  readonly id: string;
  readonly version: string;
  /** Digest of the contract: its name in certificates. */
  readonly digest: string;
  readonly enabled: boolean;
  /** Why not, when it is not. */
  readonly availability?: 'disabled' | 'held_out';
  readonly reason?: string;
}

export interface Registered extends ServiceSummary {
  readonly contract: WireContract;
}

/** Of one service: the table of the last closed epoch, and what is counted since. */
export interface ServiceHistory {
  readonly service: string;
  readonly registered: boolean;
  /** Over the log indexes [from, to); number 0 before the first. */
  readonly epoch: { readonly number: number; readonly from: number; readonly to: number };
  readonly trials: number;
  readonly successes: number;
  /** Successes by latency; the last bucket has no upper bound. */
  readonly latency?: readonly {
    readonly at_most_ms?: number;
    readonly above_ms?: number;
    readonly successes: number;
  }[];
  readonly promises: readonly {
    readonly property: string;
    /** The miss rate that the promise allows, parts per million. */
    readonly p0_ppm: number;
    readonly trials: number;
    readonly misses: number;
    /** `breach`, or `no evidence (n)` after n trials. */
    readonly verdict: string;
  }[];
  readonly next_epoch: { readonly number: number; readonly from: number; readonly trials: number };
  readonly breaker: {
    /** `open`: it holds the service out. */
    readonly state: 'closed' | 'open';
    readonly failures_in_a_row: number;
    readonly opens_at_failures?: number;
    readonly since_micros?: number;
    readonly until_micros?: number;
  };
  readonly as_of: number;
}

export interface PolicyInForce {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
}

export interface ParametersInForce {
  readonly digest: string;
  readonly parameters: WireParameters;
}

/** An API key without its secret. */
export interface KeySummary {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly permissions: readonly string[];
  readonly trust_level: number;
  readonly not_before: string;
  readonly expires: string;
  readonly label?: string;
  /** With it the holder signs changes. */
  readonly verifier_key?: string;
  readonly revoked_at?: string;
}

/** How far every service gets with a request; nothing was recorded or called for it. */
export interface Discovered {
  /** In order of id. */
  readonly matched: readonly { readonly id: string; readonly version: string }[];
  /** Best first. */
  readonly admissible: readonly { readonly id: string; readonly version: string; readonly total: number }[];
  readonly considered: number;
  readonly funnel: Funnel;
  readonly outcome: Routed | Refused;
  readonly as_of: number;
}

/** A certified and recorded decision. */
export interface Decided {
  readonly decision_id: string;
  readonly log_index: number;
  readonly outcome: 'routed' | 'refused';
  /** Salts of what was sealed, by name, in base64: keep them to open a commitment later; nobody else gets them. */
  readonly openings?: { readonly [name: string]: string };
  readonly certificate: Certificate;
  readonly envelope: Envelope;
}

/** A transmission that was recorded, and what was measured of it. */
interface AttemptSummary {
  readonly rank: number;
  readonly service: ServiceReference;
  readonly measured: { readonly result: string; readonly [member: string]: unknown };
}

/** A decision and what came of it. */
export interface Orchestrated extends Decided {
  /** The service that answered: the selected one, or another of its certified chain. */
  readonly service: ServiceReference;
  readonly rank: number;
  readonly status: number;
  readonly result: unknown;
  readonly attempts: readonly AttemptSummary[];
}

export interface Trace extends Decided {
  /** The attempt that was recorded with the decision. */
  readonly first_attempt?: { readonly rank: number; readonly service: ServiceReference };
  readonly events: readonly {
    readonly log_index: number;
    readonly kind: 'attempt' | 'outcome';
    readonly time_micros: number;
    readonly rank: number;
    readonly service: ServiceReference;
    readonly measured?: AttemptSummary['measured'];
  }[];
}

/** Which decisions: each member given has to hold. */
export interface TraceQuery {
  /** Selected or called. */
  readonly service?: string;
  /** RFC 3339; the time of the decision is not before it. */
  readonly from?: string;
  /** RFC 3339; the time of the decision is before it. */
  readonly to?: string;
  /** What the decision came to, or how one of its attempts ended. */
  readonly outcome?: 'routed' | 'refused' | 'answered' | 'rejected' | 'failed' | 'aborted' | 'not_sent';
  /** `next` of the page before. */
  readonly cursor?: string;
  /** 1 to 1000; default 100. */
  readonly limit?: number;
}

/** As in `TraceQuery`, of attempts. */
export type AttemptQuery = Omit<TraceQuery, 'outcome'>;

/** Log indexes [from, to), of one kind or all. */
export interface EntryQuery {
  readonly from?: number | string;
  readonly to?: number;
  readonly kind?: string;
  readonly limit?: number;
}

export interface AuditedEntry {
  readonly log_index: number;
  readonly entry: { readonly kind: string; readonly time: number; readonly [member: string]: unknown };
}

export interface AuditedAttempt {
  readonly log_index: number;
  readonly time_micros: number;
  readonly decision_id: string;
  readonly decision_index: number;
  readonly tenant?: string;
  readonly rank: number;
  readonly service: ServiceReference;
  /** `none`: nobody knows how it ended, so the payload counts as disclosed. */
  readonly outcome: 'none' | 'answered' | 'rejected' | 'failed' | 'aborted' | 'not_sent';
  readonly disclosed: boolean;
  readonly reason?: string;
  readonly outcome_index?: number;
  readonly measured?: AttemptSummary['measured'];
}

export interface TraceSummary {
  readonly decision_id: string;
  readonly log_index: number;
  readonly time_micros: number;
  readonly tenant: string;
  readonly intent: string;
  readonly outcome: 'routed' | 'refused';
  readonly service?: ServiceReference;
  readonly step?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it back to get the next page; absent on the last. */
  readonly next?: string;
}
