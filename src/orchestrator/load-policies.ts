import type { ContextField, Policy } from '../contracts/policy.js';
import { canonicalText } from '../kernel/canonical.js';
import { compareCodePoints } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { contextTypes } from '../rules/context.js';
import { ruleEnvironment } from '../rules/environment.js';
import { type CompiledPolicy, type CompiledRule, checkPolicy } from '../rules/policy.js';
import { readsBesideService } from './read-values.js';

/** The policies of a state, compiled against the context that they declare together. */
export interface LoadedPolicies {
  readonly policies: readonly Policy[];
  /** Of all policies, in code-point order of keys: the order of predicates in step 2. */
  readonly rules: readonly CompiledRule[];
  /** What each `require` reads beside the service, as `readsBesideService` says. */
  readonly reads: ReadonlyMap<CompiledRule, ReturnType<typeof readsBesideService>>;
  readonly contextFields: ReadonlyMap<string, ContextField>;
  readonly compiled: ReadonlyMap<Policy, CompiledPolicy>;
  /** The declared context as text: policies are compiled again when it changes. */
  readonly context: string;
}

/** Compiles what `previous` does not have compiled under the same context. Problems point into `/policies/<id>`. */
export function compilePolicies(
  policies: readonly Policy[],
  previous?: LoadedPolicies,
): Result<LoadedPolicies, readonly Problem[]> {
  if (previous !== undefined && previous.policies === policies) return ok(previous);
  const declared = contextTypes([...policies].sort((a, b) => compareCodePoints(a.id, b.id)));
  if (!declared.ok) return err(declared.error);
  const context = canonicalText(declared.value);
  const known = previous?.context === context ? previous.compiled : undefined;
  const environment = ruleEnvironment(declared.value);
  const compiled = new Map<Policy, CompiledPolicy>();
  const problems: Problem[] = [];
  for (const policy of policies) {
    const earlier = known?.get(policy);
    const result = earlier === undefined ? checkPolicy(policy, environment) : ok(earlier);
    if (result.ok) compiled.set(policy, result.value);
    else problems.push(...result.error.map((problem) => within(policy, problem)));
  }
  if (problems.length > 0) return err(problems);
  const rules = [...compiled.values()].flatMap((policy) => policy.rules);
  return ok({
    policies,
    rules: rules.sort((a, b) => compareCodePoints(a.key, b.key)),
    reads: sharedReads(rules),
    contextFields: new Map(policies.flatMap((policy) => Object.entries(policy.context))),
    compiled,
    context,
  });
}

/** Rules that read the same path share its object, so that its value is looked up once a decision. */
function sharedReads(rules: readonly CompiledRule[]): LoadedPolicies['reads'] {
  const paths = new Map<string, readonly string[]>();
  const shared = (path: readonly string[]) => {
    const text = path.join('.');
    const known = paths.get(text) ?? path;
    paths.set(text, known);
    return known;
  };
  return new Map(rules.map((rule) => [rule, readsBesideService(rule)?.map(shared)]));
}

function within(policy: Policy, problem: Problem): Problem {
  return { ...problem, path: `/policies/${policy.id}${problem.path}` };
}
