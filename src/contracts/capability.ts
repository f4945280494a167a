/** Numeric range of a capability parameter, integer micro-units, each end optional but one present. */
export interface MicroRange {
  readonly min_micro?: number;
  readonly max_micro?: number;
}

/** Set membership (sorted, without repeats), a numeric range, or a flag. */
export type ParameterValue = readonly string[] | MicroRange | boolean;

/** A capability, promised by a contract or required by a request. */
export interface Capability {
  readonly type: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
}
