import type { ExclusionCode } from '../contracts/certificate.js';
import { type Bitset, emptyBitset, fullBitset } from '../kernel/bitset.js';
import type { Predicate } from '../kernel/predicate.js';
import type { CompiledRule } from '../rules/policy.js';
import type { Candidates } from './narrowing.js';
import type { Question } from './question.js';
import { valuesKey } from './read-values.js';
import { type RuleVerdict, RuleVerdicts } from './rule-verdicts.js';

/** The outcome of every `when`, by key order of rules. */
export interface FiredRules {
  /** Those whose `when` is true. */
  readonly rules: readonly CompiledRule[];
  /** Those and the ones whose `when` errs: no other rule has a finding. */
  readonly concerned: readonly { readonly rule: CompiledRule; readonly errs: boolean }[];
}

/** Evaluates each `when` once. A caller that is not authentic gets no rule evaluated: nothing fires. */
export function firedRules({ question, taken }: Candidates): FiredRules {
  const authentication = taken.find(({ step }) => step === 'authentication');
  if (authentication?.predicates.length !== 0) return { rules: [], concerned: [] };
  const bindings = bindingsOf(question);
  const concerned: { rule: CompiledRule; errs: boolean }[] = [];
  for (const rule of question.snapshot.policies.rules) {
    const outcome = rule.when(bindings);
    if (outcome !== false) concerned.push({ rule, errs: outcome !== true });
  }
  return { rules: concerned.filter(({ errs }) => !errs).map(({ rule }) => rule), concerned };
}

/** Step 2 as predicates: at most one finding a rule and service, `rule_violated` or `rule_error` (calculus 3.2). */
export function rulePredicates(
  question: Question,
  { concerned }: FiredRules,
): readonly Predicate<ExclusionCode>[] {
  const size = question.snapshot.registry.contracts.length;
  const [none, all] = [emptyBitset(size), fullBitset(size)];
  const known = new Map<readonly string[], string>();
  return concerned.flatMap(({ rule, errs }): Predicate<ExclusionCode>[] => {
    if (errs) return [{ code: 'rule_error', ref: rule.key, fails: () => all }];
    const verdicts = verdictsIn(question, rule, known, none, all);
    return [
      { code: 'rule_violated', ref: rule.key, fails: (among) => verdicts(among).violated },
      { code: 'rule_error', ref: rule.key, fails: (among) => verdicts(among).errored },
    ];
  });
}

type Verdicts = (among: Bitset) => { readonly violated: Bitset; readonly errored: Bitset };

/**
 * Evaluates no more than it must: once where `require` does not read the service; otherwise once for each service still in question, and not
 * again for the same values of whatever else it reads (the snapshot keeps those verdicts).
 */
function verdictsIn(
  question: Question,
  rule: CompiledRule,
  known: Map<readonly string[], string>,
  none: Bitset,
  all: Bitset,
): Verdicts {
  const { registry, policies, verdicts: kept } = question.snapshot;
  const bindings: { service?: unknown } & ReturnType<typeof bindingsOf> = bindingsOf(question);
  const evaluate = (): RuleVerdict => {
    const outcome = rule.require(bindings);
    return outcome === true ? 'satisfied' : outcome === false ? 'violated' : 'errored';
  };
  if (!rule.readsService) {
    const verdict = evaluate();
    const same = {
      violated: verdict === 'violated' ? all : none,
      errored: verdict === 'errored' ? all : none,
    };
    return () => same;
  }
  const reads = policies.reads.get(rule);
  const verdicts =
    reads === undefined
      ? new RuleVerdicts(registry.contracts.length)
      : kept.of(rule, valuesKey(reads, bindings, known));
  return (among) => {
    verdicts.resolve(among, (position) => {
      bindings.service = registry.contracts[position];
      return evaluate();
    });
    return verdicts;
  };
}

function bindingsOf({ inputs }: Question) {
  const { request, caller, time } = inputs;
  return { request, context: request.context, user: caller, now: time };
}
