import type { Caller } from './caller.js';

/** Nine weights in ppm, in the order α β γ δ μ ν λ ρ η; they sum to exactly 10⁶. */
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
  /** θ: from which degree a trait binds. */
  readonly thresholds: { readonly confidential_ppm: number; readonly conservative_ppm: number };
  /** Tokens assumed where the request states none. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** Tenant → zones its requests may be served from; `*` for the others. */
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
  /** The longest an attempt may take where neither request nor contract bounds it. */
  readonly deadline_micros: number;
  /** When epochs close (log calculus section 4.3). Absent: never. */
  readonly history?: { readonly epoch_trials: number; readonly epoch_micros: number };
  /** When a failing service is held out, and for how long (log calculus section 5). Absent: never. */
  readonly breaker?: { readonly failures: number; readonly cooldown_micros: number };
  /** Which changes of state need signatures (log calculus section 6). Absent: none. */
  readonly approval?: { readonly [kind in ApprovalKind]?: 'author' | 'author_and_approver' };
}

export const approvalKinds = ['availability', 'contract', 'key', 'parameters', 'policy'] as const;
export type ApprovalKind = (typeof approvalKinds)[number];
