/**
 * The guarantee vocabulary: which properties a service can promise and a request can require,
 * in which direction, and in which unit (calculus, section 2).
 */

/** Scale class of a property; it selects the slack scale of the score. */
export type PropertyKind = 'time' | 'ratio' | 'rate' | 'flag';

/** The only operator a property is promised or required with. */
export type Operator = 'min' | 'max' | 'equals';

export interface PropertyDefinition {
  /** Name in contracts and requests as people write them (human units). */
  readonly wire: string;
  readonly kind: PropertyKind;
  readonly operator: Operator;
  /** Decimal places of a wire unit that are kept: 3 for ms (in µs), 6 for ratios and rates, none for flags. */
  readonly places: 0 | 3 | 6;
  /** Largest normalised value that makes sense, inclusive. */
  readonly most: number;
}

/** Property names inside CAIO (integers named by unit), in code-point order. */
export const guaranteeProperties = {
  accuracy_ppm: { wire: 'accuracy', kind: 'ratio', operator: 'min', places: 6, most: 1e6 },
  availability_ppm: { wire: 'availability', kind: 'ratio', operator: 'min', places: 6, most: 1e6 },
  capacity_margin_ppm: { wire: 'capacity_margin', kind: 'ratio', operator: 'min', places: 6, most: 1e12 },
  conductivity_ppm: { wire: 'conductivity', kind: 'ratio', operator: 'min', places: 6, most: 1e6 },
  determinism: { wire: 'determinism', kind: 'flag', operator: 'equals', places: 0, most: 1 },
  energy_conservation_ppm: {
    wire: 'energy_conservation',
    kind: 'ratio',
    operator: 'min',
    places: 6,
    most: 1e6,
  },
  integrity: { wire: 'integrity', kind: 'flag', operator: 'equals', places: 0, most: 1 },
  interference_ppm: { wire: 'interference', kind: 'ratio', operator: 'max', places: 6, most: 1e6 },
  latency_max_micros: { wire: 'latency_max_ms', kind: 'time', operator: 'max', places: 3, most: 1e12 },
  latency_p50_micros: { wire: 'latency_p50_ms', kind: 'time', operator: 'max', places: 3, most: 1e12 },
  latency_p95_micros: { wire: 'latency_p95_ms', kind: 'time', operator: 'max', places: 3, most: 1e12 },
  latency_p99_micros: { wire: 'latency_p99_ms', kind: 'time', operator: 'max', places: 3, most: 1e12 },
  pde_stability: { wire: 'pde_stability', kind: 'flag', operator: 'equals', places: 0, most: 1 },
  resonance_micro_db: { wire: 'resonance_db', kind: 'rate', operator: 'min', places: 6, most: 1e12 },
  throughput_micro_rps: {
    wire: 'throughput_rps',
    kind: 'rate',
    operator: 'min',
    places: 6,
    most: 2 ** 53 - 1,
  },
} as const satisfies Record<string, PropertyDefinition>;

export type GuaranteeProperty = keyof typeof guaranteeProperties;

/** Exactly one operator is present: the property's own. Flags are 0 or 1. */
export interface Bound {
  readonly min?: number;
  readonly max?: number;
  readonly equals?: number;
}

/** What a request requires: property → bound. */
export type Bounds = { readonly [P in GuaranteeProperty]?: Bound };

/** A promise in a contract: a bound, how it is measured, the invariant it claims, where the figure is from. */
export interface Guarantee extends Bound {
  readonly measured?: string;
  readonly invariant?: string;
  readonly source?: string;
  readonly retrieved?: string;
}

export type Guarantees = { readonly [P in GuaranteeProperty]?: Guarantee };
