// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Bounds, Caller, Locality, Request } from './documents.js';

export const stepCodes = {
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
} as const;

export type Step = keyof typeof stepCodes;

export const stepOrder = Object.keys(stepCodes) as readonly Step[];

export type Code = (typeof stepCodes)[Step][number];

export interface Finding {
  readonly code: Code;
  readonly ref: string;
}

export interface StateRoots {
  readonly registry: string;
  readonly policies: string;
  readonly parameters: string;
  readonly history: string;
  readonly history_from: number;
  readonly history_to: number;
  /** How many rows: without it the size in an inclusion proof would be bound by nothing. */
  readonly history_rows: number;
  readonly availability: string;
  readonly availability_rows: number;
  readonly as_of: number;
}

export interface Provenance {
  readonly derived: readonly string[];
  readonly opened: readonly string[];
  readonly attested: readonly string[];
}

export interface CertificateInputs {
  readonly request: Request;
  readonly request_digest: string;
  readonly commitments: { readonly [name: string]: string };
  readonly caller: Caller;
  readonly time: number;
  readonly seed: number;
  readonly seed_origin: 'caller' | 'server';
  readonly state: StateRoots;
  readonly provenance: Provenance;
}

export interface ExclusionGroup {
  readonly step: Step;
  readonly code: Code;
  readonly ref: string;
  readonly count: number;
  readonly sample: readonly string[];
}

export interface Funnel {
  readonly registered: number;
  readonly steps: readonly { readonly step: Step; readonly entered: number; readonly left: number }[];
  readonly exclusions: readonly ExclusionGroup[];
  readonly other: number;
}

export interface ServiceReference {
  readonly service: string;
  readonly version: string;
  readonly contract: string;
}

export interface RankedService extends ServiceReference {
  readonly terms: readonly number[];
  readonly total: number;
}

export interface ConstraintValues {
  readonly budget: readonly number[];
  readonly latency: readonly number[];
  readonly safety: readonly number[];
  readonly policy: readonly number[];
  readonly traits: readonly number[];
}

export interface Promised {
  readonly guarantees: Bounds;
  readonly cost_micro_usd?: number;
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly deadline_micros: number;
}

export interface Routed {
  readonly decision: 'routed';
  readonly selected: ServiceReference;
  readonly route_class: 'single' | 'fallback_chain';
  readonly chain: readonly ServiceReference[];
  readonly constraints: ConstraintValues;
  readonly promise: Promised;
  readonly control: { readonly kappa_ppm: number; readonly u: readonly number[] };
}

export interface NearestMiss {
  readonly service: string;
  readonly step: Step;
  readonly lacked: readonly Finding[];
}

export interface Refused {
  readonly decision: 'refused';
  readonly step: Step;
  readonly nearest: readonly NearestMiss[];
}

export interface ProofStatement {
  readonly property: string;
  readonly statement: string;
  readonly evidence: readonly string[];
}

export interface Certificate {
  readonly type: 'caio/certificate/v1';
  readonly id: string;
  readonly inputs: CertificateInputs;
  readonly funnel: Funnel;
  readonly rules: { readonly total: number; readonly fired: number; readonly first: readonly string[] };
  readonly ranking: { readonly considered: number; readonly best: readonly RankedService[] };
  readonly outcome: Routed | Refused;
  readonly proofs: readonly ProofStatement[];
}
