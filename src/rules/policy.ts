import type { Policy, Rule } from '../contracts/policy.js';
import { err, ok, type Result } from '../kernel/result.js';
import { type Condition, compileCondition } from './compile.js';
import { serviceVariable } from './environment.js';
import { readsOf, rootOf } from './reads.js';
import type { BoolExpression } from './syntax/ast.js';
import { parseCondition } from './syntax/lower.js';
import type { RuleProblem } from './syntax/problem.js';
import type { Environment } from './syntax/types.js';

/** A rule ready to run. `when` is evaluated once per request; it never reads the service. */
export interface CompiledRule {
  /** `policy id/rule id`: the order of rules in findings and the `ref` of an exclusion. */
  readonly key: string;
  readonly rule: Rule;
  readonly when: Condition;
  readonly require: Condition;
  readonly whenAst: BoolExpression;
  readonly requireAst: BoolExpression;
  /** `require` depends on the service; otherwise one evaluation serves all of them. */
  readonly readsService: boolean;
  /** `require` depends on nothing but the service: it can be evaluated once per contract, whatever the request. */
  readonly readsOnlyService: boolean;
  /** Paths that `when` and `require` read, sorted. */
  readonly reads: readonly string[];
}

export interface CompiledPolicy {
  readonly policy: Policy;
  readonly rules: readonly CompiledRule[];
}

const withoutService = {
  unavailable: {
    [serviceVariable]: 'when is evaluated once per request: move what depends on the service to require',
  },
};

/** Further problems of one policy are left out, so that an answer is not many times the question. */
const maxProblems = 100;

/**
 * Checks and compiles every rule of a policy against `environment` (`ruleEnvironment`). Up to 100 problems are reported; paths are
 * JSON pointers into the policy, line and column are within the expression.
 */
export function checkPolicy(
  policy: Policy,
  environment: Environment,
): Result<CompiledPolicy, readonly RuleProblem[]> {
  const problems: RuleProblem[] = [];
  const rules: CompiledRule[] = [];
  const ids = new Set<string>();
  const { [serviceVariable]: _, ...requestEnvironment } = environment;
  for (const [index, rule] of policy.rules.entries()) {
    if (problems.length >= maxProblems) break;
    const at = `/rules/${index}`;
    if (ids.has(rule.id)) problems.push(duplicate(at, rule.id));
    ids.add(rule.id);
    const when = parseCondition(rule.when, requestEnvironment, withoutService);
    const require = parseCondition(rule.require, environment);
    if (!when.ok) problems.push(...when.error.map((problem) => ({ ...problem, path: `${at}/when` })));
    if (!require.ok)
      problems.push(...require.error.map((problem) => ({ ...problem, path: `${at}/require` })));
    if (when.ok && require.ok) rules.push(compileRule(policy.id, rule, when.value, require.value));
  }
  return problems.length > 0 ? err(problems.slice(0, maxProblems)) : ok({ policy, rules });
}

function compileRule(
  policyId: string,
  rule: Rule,
  whenAst: BoolExpression,
  requireAst: BoolExpression,
): CompiledRule {
  const roots = readsOf(requireAst).map(rootOf);
  return {
    key: `${policyId}/${rule.id}`,
    rule,
    when: compileCondition(whenAst),
    require: compileCondition(requireAst),
    whenAst,
    requireAst,
    readsService: roots.includes(serviceVariable),
    readsOnlyService: roots.every((root) => root === serviceVariable),
    reads: readsOf(whenAst, requireAst),
  };
}

function duplicate(path: string, id: string): RuleProblem {
  const hint = 'give each rule of a policy its own id';
  return { code: 'duplicate_rule', path: `${path}/id`, message: `there is a rule ${id} before`, hint };
}
