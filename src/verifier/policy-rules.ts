// Generated from notebooks/math/03_decision_steps.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { asSet, byCodePoint } from './canonical.js';
import type { Finding } from './certificate-document.js';
import type { Caller, Contract, Policy, Request } from './documents.js';
import type { Value } from './evaluate.js';
import { evaluate, failed } from './evaluate.js';
import type { Expression } from './expression.js';
import { parseExpression } from './expression.js';

/** A rule made ready for one request: what its `when` gave, and its `require` still to be asked of services. */
export interface ReadyRule {
  readonly key: string;
  readonly when: Value;
  readonly require: Expression | undefined;
}

/** What a rule may read apart from the service. */
export interface RuleContext {
  readonly request: object;
  readonly context: object;
  readonly user: Caller;
  readonly now: number;
}

/** Context fields that some loaded policy declares and none seals. */
export function clearContextFields(policies: readonly Policy[]): string[] {
  const declared = policies.flatMap((policy) => Object.entries(policy.context));
  const sealed = new Set(declared.filter(([, { sealed }]) => sealed).map(([name]) => name));
  return asSet(declared.map(([name]) => name).filter((name) => !sealed.has(name)));
}

/** The request as rules see it: without capability parameters, and with the declared clear context only. */
export function ruleContext(
  request: Request,
  caller: Caller,
  time: number,
  fields: readonly string[],
): RuleContext {
  const clear = fields.filter((field) => Object.hasOwn(request.context, field));
  const context = Object.fromEntries(clear.map((field) => [field, request.context[field]]));
  const capabilities = request.requirements.capabilities.map(({ type }) => ({ type }));
  const requirements = { ...request.requirements, capabilities };
  return { request: { ...request, requirements, context }, context, user: caller, now: time };
}

/** The contract as rules see it: without capability parameters, `api` and `description`. */
export function serviceView(service: Contract): object {
  const { api: _api, description: _description, ...readable } = service;
  return { ...readable, capabilities: service.capabilities.map(({ type }) => ({ type })) };
}

interface ReadRule {
  readonly key: string;
  readonly when: Expression | undefined;
  readonly require: Expression | undefined;
}

const rulesRead = new WeakMap<Policy, readonly ReadRule[]>();

/** The rules of a policy, read once for each document: documents do not change. */
function readRules(policy: Policy): readonly ReadRule[] {
  const known = rulesRead.get(policy);
  if (known !== undefined) return known;
  const read = policy.rules.map((rule) => ({
    key: `${policy.id}/${rule.id}`,
    when: parseExpression(rule.when),
    require: parseExpression(rule.require),
  }));
  rulesRead.set(policy, read);
  return read;
}

/** All rules in order of key; each `when` is asked once, for it does not read the service. */
export function readyRules(policies: readonly Policy[], context: RuleContext): ReadyRule[] {
  const rules = policies.flatMap(readRules).map(
    ({ key, when, require }): ReadyRule => ({
      key,
      when: when === undefined ? failed : evaluate(when, { ...context }),
      require,
    }),
  );
  return rules.sort((a, b) => byCodePoint(a.key, b.key));
}

/** Step 2 for one service: the table of calculus 3.2. */
export function ruleFindings(
  service: Contract,
  rules: readonly ReadyRule[],
  context: RuleContext,
): Finding[] {
  const asked = rules.filter((rule) => rule.when !== false);
  if (asked.length === 0) return [];
  const bindings = { ...context, service: serviceView(service) };
  const findings: Finding[] = [];
  for (const { key, when, require } of asked) {
    const result = when === true && require !== undefined ? evaluate(require, bindings) : failed;
    if (result === false) findings.push({ code: 'rule_violated', ref: key });
    else if (result !== true) findings.push({ code: 'rule_error', ref: key });
  }
  return findings;
}
