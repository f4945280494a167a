import type { Problem } from '../../kernel/problem.js';

/** Why an expression, or a policy around it, is not accepted. Closed: tests and tooling match on it. */
export type RuleProblemCode =
  | 'syntax'
  | 'too_long'
  | 'too_deep'
  | 'too_many_nodes'
  | 'not_in_fragment'
  | 'unknown_name'
  | 'sealed_field'
  | 'wrong_type'
  | 'out_of_range'
  | 'unknown_value'
  | 'duplicate_rule'
  | 'context_conflict'
  | 'reserved_name';

/**
 * A finding about one expression, or about a policy. Where it is about an expression, line and column are within
 * the expression's own text. The hint says what to write instead.
 */
export interface RuleProblem extends Problem {
  readonly code: RuleProblemCode;
  readonly hint: string;
}

/** The finding at `offset` (UTF-16 units) of the expression `source`; its path is ''. */
export function problemAt(
  source: string,
  offset: number,
  code: RuleProblemCode,
  message: string,
  hint: string,
): RuleProblem {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { code, path: '', message, hint, line, column: before.length - lineStart + 1 };
}
