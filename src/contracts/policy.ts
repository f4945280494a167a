export const ruleTypes = ['sla', 'privacy', 'cost', 'compliance', 'performance', 'security'] as const;
export type RuleType = (typeof ruleTypes)[number];

/** `when_ρ(r, c) ⇒ require_ρ(s, r, c)`, both in the policy fragment of CEL. */
export interface Rule {
  readonly id: string;
  readonly type: RuleType;
  readonly when: string;
  readonly require: string;
  readonly reason: string;
  /** Orders explanations only. */
  readonly priority: number;
}

export interface ContextField {
  readonly type: 'string' | 'int' | 'bool' | 'string_list';
  readonly sealed: boolean;
}

export interface Policy {
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  readonly context: { readonly [field: string]: ContextField };
  readonly rules: readonly Rule[];
}
