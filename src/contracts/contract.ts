import type { Capability } from './capability.js';
import type { Guarantees } from './guarantee.js';
import type { Classification, DataClass } from './request.js';

export const localities = ['on_device', 'local', 'region', 'cloud'] as const;
/** Most to least private. */
export type Locality = (typeof localities)[number];

/** Where a figure of a third party was read, and when (ISO date). */
export interface Sourced {
  readonly source?: string;
  readonly retrieved?: string;
}

/** Prices in micro-USD. An absent token price with tokens to pay for makes the cost unknown. */
export interface Cost extends Sourced {
  readonly per_request_micro_usd: number;
  readonly per_million_input_tokens_micro_usd?: number;
  readonly per_million_output_tokens_micro_usd?: number;
  /** Absent: cached tokens cost as input tokens do. */
  readonly per_million_cached_tokens_micro_usd?: number;
}

/** Limits on what may be sent. */
export interface Limits extends Sourced {
  readonly max_input_tokens?: number;
  readonly max_output_tokens?: number;
  /** Input, cached and output together. */
  readonly max_total_tokens?: number;
  readonly max_classification?: Classification;
  readonly refuses?: readonly DataClass[];
}

export interface Privacy extends Sourced {
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly encryption: {
    readonly in_transit: boolean;
    readonly at_rest: boolean;
    readonly end_to_end: boolean;
  };
  /** Days the service keeps what it was sent; absent means unknown. */
  readonly retention_days?: number;
  /** Absent means unknown. */
  readonly trains_on_data?: boolean;
}

/** A list means all of them; `any_of` means at least one. */
export type PermissionRequirement =
  | { readonly all: readonly string[] }
  | { readonly any_of: readonly string[] };

export interface Api {
  readonly protocol: 'caio' | 'http' | 'openai';
  readonly url: string;
  /** For `http`: intent type → method and path. */
  readonly endpoints?: {
    readonly [intent: string]: { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string };
  };
  /** The upstream's own name for the model (`openai`). */
  readonly model?: string;
  /** Secret reference, `env:NAME` or `file:PATH`; never the secret. */
  readonly secret?: string;
  /** Verifier key with which the service signs its answers (log calculus section 3.8). */
  readonly result_key?: string;
}

/** A service contract, normalised like `Request`. Read by rules as `service`. */
export interface Contract {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly origin: 'internal' | 'external';
  readonly zone: string;
  readonly capabilities: readonly Capability[];
  /** Action classes: what the service does to the world. */
  readonly actions: readonly string[];
  readonly guarantees: Guarantees;
  readonly constraints: Limits;
  readonly cost?: Cost;
  readonly privacy: Privacy;
  readonly alignment: { readonly certifications: readonly string[]; readonly risk_ppm: number } & Sourced;
  readonly security: {
    readonly permissions: PermissionRequirement;
    readonly trust_level: number;
    /** Absent: any tenant. */
    readonly tenants?: readonly string[];
  };
  readonly api: Api;
  /** Ids of invariants the service claims. */
  readonly invariants: readonly string[];
}
