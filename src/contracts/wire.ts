import type { Locality } from './contract.js';
import type { Parameters } from './parameters.js';
import type { ContextField, RuleType } from './policy.js';
import type { Classification, ContextValue, DataClass } from './request.js';
import type { HistoryRow } from './state.js';

/** Documents as people write them, once their schema has been checked: what the parsers read and the formatters write. */
export type WireParameter =
  | string
  | readonly string[]
  | boolean
  | number
  | { readonly min?: number; readonly max?: number };

export interface WireCapability {
  readonly type: string;
  readonly parameters?: { readonly [name: string]: WireParameter };
}

export interface WireBound {
  readonly min?: number | boolean;
  readonly max?: number | boolean;
  readonly equals?: number | boolean;
  readonly measured?: string;
  readonly invariant?: string;
  readonly source?: string;
  readonly retrieved?: string;
}

interface WireSourced {
  readonly source?: string;
  readonly retrieved?: string;
}

export interface WireContract {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly origin: 'internal' | 'external';
  readonly zone?: string;
  readonly capabilities: readonly WireCapability[];
  readonly actions?: readonly string[];
  readonly guarantees?: { readonly [wire: string]: WireBound };
  readonly constraints?: WireSourced & {
    readonly max_input_tokens?: number;
    readonly max_output_tokens?: number;
    readonly max_total_tokens?: number;
    readonly max_classification?: Classification;
    readonly refuses?: readonly DataClass[];
  };
  readonly cost?: WireSourced & {
    readonly unit: 'usd';
    readonly per_request_usd?: number;
    readonly per_million_input_tokens_usd?: number;
    readonly per_million_output_tokens_usd?: number;
    readonly per_million_cached_tokens_usd?: number;
  };
  readonly privacy: WireSourced & {
    readonly locality: Locality;
    readonly regions?: readonly string[];
    readonly jurisdictions?: readonly string[];
    readonly encryption?: {
      readonly in_transit?: boolean;
      readonly at_rest?: boolean;
      readonly end_to_end?: boolean;
    };
    readonly retention_days?: number;
    readonly trains_on_data?: boolean;
  };
  readonly alignment: WireSourced & { readonly certifications?: readonly string[]; readonly risk: number };
  readonly security: {
    readonly permissions: readonly string[] | { readonly any_of: readonly string[] };
    readonly trust_level: number;
    readonly tenants?: readonly string[];
  };
  readonly api: {
    readonly protocol: 'caio' | 'http' | 'openai';
    readonly url: string;
    readonly endpoints?: {
      readonly [intent: string]: { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string };
    };
    readonly model?: string;
    readonly secret?: string;
    readonly result_key?: string;
  };
  readonly invariants?: readonly string[];
}

export interface WireRequestDocument {
  readonly request: {
    readonly intent: { readonly type: string };
    readonly requirements?: {
      readonly capabilities?: readonly WireCapability[];
      readonly match?: 'all' | 'any';
      readonly guarantees?: { readonly [wire: string]: WireBound };
      readonly constraints?: {
        readonly on_device?: boolean;
        readonly certifications?: readonly string[];
        readonly forbidden_actions?: readonly string[];
      };
    };
    readonly data?: {
      readonly classification?: Classification;
      readonly contains?: readonly DataClass[];
      readonly jurisdictions?: readonly string[];
    };
    readonly budget?: { readonly max_cost_usd?: number; readonly max_latency_ms?: number };
    readonly estimate?: {
      readonly input_tokens?: number;
      readonly output_tokens?: number;
      readonly cached_tokens?: number;
      readonly max_input_tokens?: number;
      readonly max_output_tokens?: number;
    };
    readonly traits?: {
      readonly conservative?: number;
      readonly confidential?: number;
      readonly risk_tolerance?: number;
    };
    readonly fallback?: { readonly max_services: number; readonly deadline_ms: number };
    readonly context?: { readonly [field: string]: ContextValue };
    readonly profile?: string;
    readonly seed?: number;
    readonly subject?: string;
  };
  readonly payload?: unknown;
}

export interface WirePolicy {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly context?: {
    readonly [field: string]: { readonly type: ContextField['type']; readonly sealed?: boolean };
  };
  readonly rules: readonly {
    readonly id: string;
    readonly type: RuleType;
    readonly when: string;
    readonly require: string;
    readonly reason: string;
    readonly priority?: number;
  }[];
}

export interface WireCaller {
  readonly method: 'api_key' | 'jwt' | 'local';
  readonly issuer: string;
  readonly audience: string;
  readonly key_id: string;
  readonly not_before: string;
  readonly expires: string;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
  readonly subject?: string;
}

/** The weights of a profile by name, in the order of the calculus: α β γ δ μ ν λ ρ η. */
export const weightNames = [
  'intent',
  'context',
  'route',
  'memory',
  'guarantee',
  'reliability',
  'cost',
  'risk',
  'latency',
] as const;

export interface WireParameters {
  readonly profiles?: { readonly [name: string]: { readonly [W in (typeof weightNames)[number]]?: number } };
  readonly scales?: {
    readonly cost_usd?: number;
    readonly latency_ms?: number;
    readonly slack_ratio?: number;
    readonly slack_time_ms?: number;
    readonly slack_rate?: number;
  };
  readonly thresholds?: { readonly confidential?: number; readonly conservative?: number };
  readonly tokens?: { readonly input?: number; readonly output?: number };
  readonly zones?: { readonly [tenant: string]: readonly string[] };
  readonly actions?: {
    readonly forbidden?: readonly string[];
    readonly harmful?: readonly string[];
    readonly unsafe?: readonly string[];
  };
  readonly authentication?: {
    readonly methods?: readonly WireCaller['method'][];
    readonly issuers?: readonly string[];
    readonly audience?: string;
  };
  readonly deadline_ms?: number;
  readonly history?: { readonly epoch_trials: number; readonly epoch_ms: number };
  readonly breaker?: { readonly failures: number; readonly cooldown_ms: number };
  readonly approval?: NonNullable<Parameters['approval']>;
}

export interface WireHistory {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly HistoryRow[];
}

export interface WireAvailability {
  readonly rows: readonly {
    readonly service: string;
    readonly state: 'disabled' | 'held_out';
    readonly reason: string;
  }[];
}
