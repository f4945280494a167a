import type { Caller } from './caller.js';
import type { Locality } from './contract.js';
import type { Bounds } from './guarantee.js';
import type { Request } from './request.js';

export const steps = ['authentication', 'matching', 'rules', 'security', 'constraints'] as const;
export type Step = (typeof steps)[number];

export const exclusionCodes = {
  authentication: [
    'method_not_accepted',
    'issuer_unknown',
    'audience_wrong',
    'credential_not_yet_valid',
    'credential_expired',
  ],
  matching: [
    'disabled',
    'held_out',
    'capability_missing',
    'capability_parameter',
    'guarantee_absent',
    'guarantee_weaker',
    'limit_exceeded',
    'data_not_accepted',
  ],
  rules: ['rule_violated', 'rule_error'],
  security: [
    'permission_missing',
    'sensitive_unprotected',
    'jurisdiction_unknown',
    'jurisdiction_outside',
    'trust_insufficient',
    'tenant_not_admitted',
    'zone_not_allowed',
  ],
  constraints: [
    'cost_unknown',
    'budget_exceeded',
    'latency_unknown',
    'latency_exceeded',
    'action_forbidden',
    'action_harmful',
    'action_unsafe',
    'on_device_required',
    'certification_missing',
    'risk_exceeds_tolerance',
    'confidential_not_local',
    'conservative_not_met',
  ],
} as const satisfies Record<Step, readonly string[]>;

export type ExclusionCode = (typeof exclusionCodes)[Step][number];

/** One failing predicate of one service; `ref` names the rule, property, permission…, or is empty. */
export interface Finding {
  readonly code: ExclusionCode;
  readonly ref: string;
}

/** Inputs of the decision function; `id` of the certificate is their digest. */
export interface CertificateInputs {
  readonly request: Request;
  readonly request_digest: string;
  /** Name of a sealed value → HMAC-SHA-256 in hex. */
  readonly commitments: { readonly [name: string]: string };
  readonly caller: Caller;
  /** t, microseconds since the epoch. */
  readonly time: number;
  /** σ and who drew it. */
  readonly seed: number;
  readonly seed_origin: 'caller' | 'server';
  readonly state: {
    readonly registry: string;
    readonly policies: string;
    readonly parameters: string;
    readonly history: string;
    readonly history_from: number;
    readonly history_to: number;
    /** How many rows: binds the size that an inclusion proof of level 2 states. */
    readonly history_rows: number;
    readonly availability: string;
    readonly availability_rows: number;
    readonly as_of: number;
  };
  /** JSON pointers into `inputs`, each field in exactly one list. */
  readonly provenance: {
    readonly derived: readonly string[];
    readonly opened: readonly string[];
    readonly attested: readonly string[];
  };
}

export interface ExclusionGroup {
  readonly step: Step;
  readonly code: ExclusionCode;
  readonly ref: string;
  readonly count: number;
  /** The first few service ids in code-point order. */
  readonly sample: readonly string[];
}

export interface Funnel {
  readonly registered: number;
  /** One entry a step, in order. */
  readonly steps: readonly { readonly step: Step; readonly entered: number; readonly left: number }[];
  readonly exclusions: readonly ExclusionGroup[];
  /** Services excluded in groups that are not listed. */
  readonly other: number;
}

export interface RankedService {
  readonly service: string;
  readonly version: string;
  readonly contract: string;
  /** Nine terms in [0, 10⁶] in the order of the weights, each oriented so that more is better. */
  readonly terms: readonly number[];
  readonly total: number;
}

/** Every component of every G of the selected service; all ≤ 0. */
export interface ConstraintValues {
  readonly budget: readonly number[];
  readonly latency: readonly number[];
  readonly safety: readonly number[];
  readonly policy: readonly number[];
  readonly traits: readonly number[];
}

export interface ServiceReference {
  readonly service: string;
  readonly version: string;
  readonly contract: string;
}

/** What is promised to the caller (step 7). */
export interface Promised {
  readonly guarantees: Bounds;
  readonly cost_micro_usd?: number;
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
  /** The whole execution is cut off here. */
  readonly deadline_micros: number;
}

export interface Routed {
  readonly decision: 'routed';
  readonly selected: ServiceReference;
  readonly route_class: 'single' | 'fallback_chain';
  /** The services that may be called, in order, the selected first. */
  readonly chain: readonly ServiceReference[];
  readonly constraints: ConstraintValues;
  readonly promise: Promised;
  /** Step 6; zero gain and no bands while no fields are given. */
  readonly control: { readonly kappa_ppm: number; readonly u: readonly number[] };
}

export interface Refused {
  readonly decision: 'refused';
  /** The step whose result was empty. */
  readonly step: Step;
  readonly nearest: readonly {
    readonly service: string;
    readonly step: Step;
    /** Every failing predicate of that step, in order, at most four. */
    readonly lacked: readonly Finding[];
  }[];
}

export interface ProofStatement {
  readonly property: string;
  readonly statement: string;
  /** JSON pointers into the certificate. */
  readonly evidence: readonly string[];
}

export interface Certificate {
  readonly type: 'caio/certificate/v1';
  readonly id: string;
  readonly inputs: CertificateInputs;
  readonly funnel: Funnel;
  /** Rules whose `when` held: how many in all and the first ids. */
  readonly rules: { readonly total: number; readonly fired: number; readonly first: readonly string[] };
  readonly ranking: { readonly considered: number; readonly best: readonly RankedService[] };
  readonly outcome: Routed | Refused;
  readonly proofs: readonly ProofStatement[];
}
