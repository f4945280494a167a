import type { Capability } from './capability.js';
import type { Bounds } from './guarantee.js';

export const classifications = ['public', 'internal', 'confidential', 'restricted'] as const;
/** Least to most sensitive. */
export type Classification = (typeof classifications)[number];

export const dataClasses = ['pci', 'phi', 'pii', 'secrets'] as const;
export type DataClass = (typeof dataClasses)[number];

export type ContextValue = string | number | boolean | readonly string[];

/**
 * The clear part of a request, normalised: integers in micro-units, sets sorted by code point without
 * repeats, defaults filled in. This is what is digested, certified, and read by rules (as `request`, and
 * its `context` as `context`). Sealed values (subject, payload, sealed context) are never in it.
 */
export interface Request {
  readonly intent: { readonly type: string };
  readonly requirements: {
    /** At least one; in the order given. */
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
  /** Tokens; the input estimate does not count cached tokens. */
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
  /** Absent: no fallback is allowed. `max_services` counts the first service too. */
  readonly fallback?: { readonly max_services: number; readonly deadline_micros: number };
  /** Clear context fields only: those a loaded policy declares and does not seal. */
  readonly context: { readonly [field: string]: ContextValue };
  readonly profile: string;
}

/** A parsed request body: the clear part, what is sealed, the payload, and the caller's seed if one was given. */
export interface RequestDocument {
  /** `context` here still holds every field given; `sealRequest` splits it by the policies' declarations. */
  readonly request: Request;
  readonly subject?: string;
  readonly seed?: number;
  /** Any JSON value; forwarded, committed to, never logged. `undefined` when absent. */
  readonly payload?: unknown;
}
