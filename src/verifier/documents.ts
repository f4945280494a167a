// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

/** The documents as the reference reads them: normalised, integers in micro-units, sets sorted (calculus, section 2). */
export type Locality = 'on_device' | 'local' | 'region' | 'cloud';

export type Classification = 'public' | 'internal' | 'confidential' | 'restricted';

export type DataClass = 'pci' | 'phi' | 'pii' | 'secrets';

export type Operator = 'min' | 'max' | 'equals';

/** Property → operator and scale class, in code-point order of names. */
export const vocabulary = {
  accuracy_ppm: { operator: 'min', kind: 'ratio' },
  availability_ppm: { operator: 'min', kind: 'ratio' },
  capacity_margin_ppm: { operator: 'min', kind: 'ratio' },
  conductivity_ppm: { operator: 'min', kind: 'ratio' },
  determinism: { operator: 'equals', kind: 'flag' },
  energy_conservation_ppm: { operator: 'min', kind: 'ratio' },
  integrity: { operator: 'equals', kind: 'flag' },
  interference_ppm: { operator: 'max', kind: 'ratio' },
  latency_max_micros: { operator: 'max', kind: 'time' },
  latency_p50_micros: { operator: 'max', kind: 'time' },
  latency_p95_micros: { operator: 'max', kind: 'time' },
  latency_p99_micros: { operator: 'max', kind: 'time' },
  pde_stability: { operator: 'equals', kind: 'flag' },
  resonance_micro_db: { operator: 'min', kind: 'rate' },
  throughput_micro_rps: { operator: 'min', kind: 'rate' },
} as const;

export type Property = keyof typeof vocabulary;

export const properties = Object.keys(vocabulary) as readonly Property[];

export interface Bound {
  readonly min?: number;
  readonly max?: number;
  readonly equals?: number;
}

export type Bounds = { readonly [P in Property]?: Bound };

export interface MicroRange {
  readonly min_micro?: number;
  readonly max_micro?: number;
}

export type ParameterValue = readonly string[] | MicroRange | boolean;

export interface Capability {
  readonly type: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
}

export type ContextValue = string | number | boolean | readonly string[];

export interface Request {
  readonly intent: { readonly type: string };
  readonly requirements: {
    readonly capabilities: readonly Capability[];
    readonly match: 'all' | 'any';
    readonly guarantees: Bounds;
    readonly constraints: {
      readonly on_device: boolean;
      readonly certifications: readonly string[];
      readonly forbidden_actions: readonly string[];
    };
  };
  readonly data: {
    readonly classification: Classification;
    readonly contains: readonly DataClass[];
    readonly jurisdictions: readonly string[];
  };
  readonly budget: { readonly max_cost_micro_usd?: number; readonly max_latency_micros?: number };
  readonly estimate: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly cached_tokens?: number;
    readonly max_input_tokens?: number;
    readonly max_output_tokens?: number;
  };
  readonly traits: {
    readonly conservative_ppm?: number;
    readonly confidential_ppm?: number;
    readonly risk_tolerance_ppm?: number;
  };
  readonly fallback?: { readonly max_services: number; readonly deadline_micros: number };
  readonly context: { readonly [field: string]: ContextValue };
  readonly profile: string;
}

export interface Caller {
  readonly method: 'api_key' | 'jwt' | 'local';
  readonly issuer: string;
  readonly audience: string;
  readonly key_id: string;
  readonly not_before: number;
  readonly expires: number;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
}

export interface Sourced {
  readonly source?: string;
  readonly retrieved?: string;
}

export interface Guarantee extends Bound, Sourced {
  readonly measured?: string;
  readonly invariant?: string;
}

export interface Contract {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly origin: 'internal' | 'external';
  readonly zone: string;
  readonly capabilities: readonly Capability[];
  readonly actions: readonly string[];
  readonly guarantees: { readonly [P in Property]?: Guarantee };
  readonly constraints: {
    readonly max_input_tokens?: number;
    readonly max_output_tokens?: number;
    readonly max_total_tokens?: number;
    readonly max_classification?: Classification;
    readonly refuses?: readonly DataClass[];
  } & Sourced;
  readonly cost?: {
    readonly per_request_micro_usd: number;
    readonly per_million_input_tokens_micro_usd?: number;
    readonly per_million_output_tokens_micro_usd?: number;
    readonly per_million_cached_tokens_micro_usd?: number;
  } & Sourced;
  readonly privacy: {
    readonly locality: Locality;
    readonly regions: readonly string[];
    readonly jurisdictions: readonly string[];
    readonly encryption: {
      readonly in_transit: boolean;
      readonly at_rest: boolean;
      readonly end_to_end: boolean;
    };
    readonly retention_days?: number;
    readonly trains_on_data?: boolean;
  } & Sourced;
  readonly alignment: { readonly certifications: readonly string[]; readonly risk_ppm: number } & Sourced;
  readonly security: {
    readonly permissions: { readonly all: readonly string[] } | { readonly any_of: readonly string[] };
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
  readonly invariants: readonly string[];
}

export interface Policy {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly context: {
    readonly [field: string]: {
      readonly type: 'string' | 'int' | 'bool' | 'string_list';
      readonly sealed: boolean;
    };
  };
  readonly rules: readonly {
    readonly id: string;
    readonly type: 'sla' | 'privacy' | 'cost' | 'compliance' | 'performance' | 'security';
    readonly when: string;
    readonly require: string;
    readonly reason: string;
    readonly priority: number;
  }[];
}

/** α β γ δ μ ν λ ρ η in ppm. */
export type Weights = readonly [number, number, number, number, number, number, number, number, number];

export interface Parameters {
  readonly profiles: { readonly [name: string]: Weights };
  readonly scales: {
    readonly cost_micro_usd: number;
    readonly latency_micros: number;
    readonly slack_ratio_ppm: number;
    readonly slack_time_micros: number;
    readonly slack_rate_micro: number;
  };
  readonly thresholds: { readonly confidential_ppm: number; readonly conservative_ppm: number };
  readonly tokens: { readonly input: number; readonly output: number };
  readonly zones: { readonly [tenant: string]: readonly string[] };
  readonly actions: {
    readonly forbidden: readonly string[];
    readonly harmful: readonly string[];
    readonly unsafe: readonly string[];
  };
  readonly authentication: {
    readonly methods: readonly Caller['method'][];
    readonly issuers: readonly string[];
    readonly audience: string;
  };
  readonly deadline_micros: number;
  readonly history?: { readonly epoch_trials: number; readonly epoch_micros: number };
  readonly breaker?: { readonly failures: number; readonly cooldown_micros: number };
  readonly approval?: {
    readonly [kind in 'availability' | 'contract' | 'key' | 'parameters' | 'policy']?:
      | 'author'
      | 'author_and_approver';
  };
}

export interface PromiseCount {
  readonly property: string;
  readonly p0_ppm: number;
  readonly trials: number;
  readonly misses: number;
}

export interface HistoryRow {
  readonly service: string;
  readonly trials: number;
  readonly successes: number;
  readonly latency?: readonly number[];
  readonly promises?: readonly PromiseCount[];
}

export interface AvailabilityRow {
  readonly service: string;
  readonly state: 'disabled' | 'held_out';
  readonly reason: string;
}

export interface State {
  readonly contracts: readonly Contract[];
  readonly policies: readonly Policy[];
  readonly parameters: Parameters;
  readonly history: { readonly from: number; readonly to: number; readonly rows: readonly HistoryRow[] };
  readonly availability: readonly AvailabilityRow[];
  readonly as_of: number;
}
