import { type Policy, type Rule, ruleTypes } from '../../src/contracts/policy.js';
import { contextDeclarations, type Pool } from './pool.js';
import type { Random } from './random.js';

/** True or false of ordinary requests; the last ones err unless the field is there, or always. */
const whens = [
  'true',
  'false',
  "'phi' in request.data.contains",
  'request.data.classification in ["confidential", "restricted"]',
  'has(request.budget.max_cost_micro_usd)',
  'size(request.data.jurisdictions) > 0',
  'request.requirements.capabilities.exists(c, c.type == "chat")',
  'user.trust_level < 5 || "admin" in user.permissions',
  'has(context.age) && context.age >= 18',
  'has(context.tags) && context.tags.exists_one(t, t == "a")',
  'has(request.fallback) ? request.fallback.max_services > 2 : request.profile == "balanced"',
];
const erringWhens = [
  'context.age > 17',
  'context.urgent',
  'request.budget.max_latency_micros > 1',
  '1 / (user.trust_level - 3) > 0',
  'now * now > 0',
  'user.expires * 4294967296 > 0',
  'request.estimate.input_tokens * 9007199254740991 >= 0',
  'request.traits.risk_tolerance_ppm % (user.trust_level % 2) == 0 && false || user.trust_level > 8',
];
const requires = [
  'true',
  'true',
  'service.alignment.risk_ppm <= 500000',
  'service.origin == "internal" || service.privacy.encryption.in_transit',
  '!has(service.privacy.trains_on_data) || !service.privacy.trains_on_data',
  'service.privacy.jurisdictions.all(j, j in ["CH", "EU", "US"])',
  'service.capabilities.exists(c, c.type == request.intent.type) || size(service.capabilities) > 0',
  'service.zone != "outside" && user.tenant != "outsider"',
  '!has(service.cost) || service.cost.per_request_micro_usd <= 1000',
  'has(service.guarantees.latency_p95_micros) ? service.guarantees.latency_p95_micros.max <= 1500000 : true',
  'size(service.actions) < 4',
];
const erringRequires = [
  'service.cost.per_request_micro_usd <= 100',
  'service.guarantees.accuracy_ppm.min >= 900000',
  '100 / service.alignment.risk_ppm >= 0',
  'service.privacy.retention_days + 9007199254740991 > 0',
  'service.alignment.risk_ppm * 90071992547409 >= 0',
  'service.security.tenants.exists(t, t == user.tenant)',
  'service.capabilities.exists_one(c, 1 / size(service.actions) > 0)',
  'now * 2 > service.alignment.risk_ppm',
];

/** Ids whose order is not the order of "id/rule", for `.` and `-` come before the slash and digits after it. */
const policyIds = ['a', 'a-b', 'a.b', 'a0', 'constructor', 'hipaa'];
const ruleIds = ['constructor', 'r', 'r-1', 'r.1', 'r0', 'r1', 'r2', 'r3'];

/** Policies of a state: none, a few rules that few services break, or many that fire. */
export function drawPolicies(random: Random, pool: Pool): Policy[] {
  const count = random.pick([0, 0, 0, 1, 1, 1, 2, 3]);
  const ids = random.some(policyIds, count / policyIds.length);
  const crowded = random.chance(0.04);
  return ids.map((id): Policy => {
    const named = random.some(ruleIds, crowded ? 1 : 0.2);
    const rules = (named.length === 0 ? ['r'] : named).map((rule) => drawRule(random, rule, pool, crowded));
    if (random.chance(0.1)) rules.reverse();
    const read = rules.map(({ when, require }) => `${when} ${require}`).join(' ');
    const declared = Object.entries(contextDeclarations).filter(
      ([name]) => read.includes(`context.${name}`) || random.chance(0.3),
    );
    return {
      id,
      version: random.pick(['1', '1.0.0']),
      ...(random.chance(0.1) && { description: 'why' }),
      context: Object.fromEntries(declared),
      rules,
    };
  });
}

function drawRule(random: Random, id: string, pool: Pool, harmless: boolean): Rule {
  return {
    id,
    type: random.pick(ruleTypes),
    when: harmless ? 'true' : drawText(random, whens, erringWhens, pool.when),
    require: harmless
      ? 'service.alignment.risk_ppm >= 0'
      : drawText(random, requires, erringRequires, pool.require),
    reason: `because of ${id}`,
    priority: random.integer(-2, 2),
  };
}

function drawText(
  random: Random,
  usual: readonly string[],
  erring: readonly string[],
  pool: readonly string[],
): string {
  if (random.chance(0.07)) return random.pick(erring);
  return pool.length > 0 && random.chance(0.2) ? random.pick(pool) : random.pick(usual);
}
