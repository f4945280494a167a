import type { Certificate } from '../../src/contracts/certificate.js';
import type { World } from '../generators/decision.js';
import type { Answer } from './engine-verifier-answers.js';

/** What a small decision is kept for: each tells a right reading of the calculus from a likely wrong one. */
const sights = {
  'the first place is decided by digest': ({ ranking }) =>
    ranking.best[0]?.total === ranking.best[1]?.total && ranking.best.length > 1,
  'a chain of three': ({ outcome }) => outcome.decision === 'routed' && outcome.chain.length === 3,
  'a chain shortened to one by the budget': ({ inputs, ranking, outcome }) => {
    const { budget, fallback, requirements } = inputs.request;
    if (outcome.decision === 'refused' || fallback?.max_services !== 2 || ranking.considered < 2)
      return false;
    if (budget.max_latency_micros !== undefined || Object.keys(requirements.guarantees).length > 0)
      return false;
    return outcome.chain.length === 1;
  },
  'a quantile kept by a promise on a stronger one': ({ inputs, outcome }, { state }) => {
    const [selected] = outcome.decision === 'routed' ? outcome.chain : [];
    const contract = state.contracts.find(({ id }) => id === selected?.service);
    const required = inputs.request.requirements.guarantees.latency_p50_micros;
    return (
      contract !== undefined && required !== undefined && contract.guarantees.latency_p50_micros === undefined
    );
  },
  'an erring when that excludes': ({ funnel, rules }) =>
    funnel.exclusions.some(({ code, ref }) => code === 'rule_error' && !rules.first.includes(ref)),
  'an erring require that excludes': ({ funnel, rules }) =>
    funnel.exclusions.some(({ code, ref }) => code === 'rule_error' && rules.first.includes(ref)),
  'a credential that expires at the instant': ({ inputs, outcome }) =>
    inputs.time === inputs.caller.expires && outcome.decision === 'refused' && outcome.nearest.length > 0,
  'a missing certification beyond the basic plane': ({ outcome }) =>
    outcome.decision === 'refused' &&
    outcome.nearest.some(({ lacked }) =>
      lacked.some(({ code, ref }) => code === 'certification_missing' && ref > '\uf000'),
    ),
  'cached tokens at the price of input': ({ inputs, outcome }, { state }) => {
    if (outcome.decision === 'refused') return false;
    const cost = state.contracts.find(({ id }) => id === outcome.selected.service)?.cost;
    const free =
      cost?.per_million_cached_tokens_micro_usd === undefined &&
      (cost?.per_million_input_tokens_micro_usd ?? 0) > 0;
    return (
      free &&
      (inputs.request.estimate.cached_tokens ?? 0) > 0 &&
      inputs.request.budget.max_cost_micro_usd !== undefined
    );
  },
  'zones of a tenant named like what every object has': ({ inputs, funnel }) =>
    inputs.caller.tenant === 'constructor' &&
    funnel.exclusions.some(({ code }) => code === 'zone_not_allowed'),
  'rule keys whose order is not that of their policies': ({ rules }) => {
    const policies = rules.first.map((key) => key.split('/')[0] as string);
    return policies.some((policy, i) => i > 0 && policy < (policies[i - 1] as string));
  },
  'a chain that promises a longer latency than a document may state': ({ outcome }) =>
    outcome.decision === 'routed' &&
    Object.values(outcome.promise.guarantees).some(({ max = 0 }) => max > 1e12),
  'nobody registered': ({ funnel, outcome }) =>
    funnel.registered === 0 && outcome.decision === 'refused' && outcome.step === 'matching',
} as const satisfies { readonly [name: string]: (certificate: Certificate, world: World) => boolean };

export type Sight = keyof typeof sights;

export const sightNames = Object.keys(sights) as readonly Sight[];

/** Whether the last question of a world shows it. */
export function shows(sight: Sight, world: World, answers: readonly Answer[]): boolean {
  const certificate = answers.at(-1)?.certificate;
  return certificate !== undefined && sights[sight](certificate, world);
}
