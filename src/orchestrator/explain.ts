import type { Certificate, Step } from '../contracts/certificate.js';
import type { Policy } from '../contracts/policy.js';
import type { Explanation } from './explanation.js';
import { explanationText } from './explanation-text.js';
import { reasonFor } from './finding-reason.js';

const termNames = [
  'intent_energy',
  'intent_context',
  'route',
  'intent_memory',
  'guarantee',
  'reliability',
  'cost',
  'risk',
  'latency',
] as const;

const stages: Readonly<Record<Step, string>> = {
  authentication: 'authenticated',
  matching: 'matched',
  rules: 'rules',
  security: 'security',
  constraints: 'constraints',
};

/**
 * Explains a certificate from itself; it does not verify it. Where the policies are given, a rule is explained by its own `reason`.
 */
export function explain(
  certificate: Certificate,
  { policies = [] }: { readonly policies?: readonly Policy[] } = {},
): Explanation {
  const { funnel, ranking, outcome, rules, inputs, id } = certificate;
  const reasons = ruleReasons(policies);
  const routed = outcome.decision === 'routed';
  const explained = {
    id,
    decision: outcome.decision,
    funnel: [
      { stage: 'registered', services: funnel.registered },
      ...funnel.steps.map(({ step, left }) => ({ stage: stages[step], services: left })),
      { stage: 'selected', services: routed ? 1 : 0 },
    ],
    exclusions: funnel.exclusions.map((group) => ({ ...group, reason: reasonFor(group, reasons) })),
    other: funnel.other,
    rules,
    ranking: ranking.best.map((service, i) => ({
      ...service,
      rank: i + 1,
      terms: namedTerms(service.terms),
    })),
    considered: ranking.considered,
    outcome,
    nearest: routed
      ? []
      : outcome.nearest.map(({ service, step, lacked }) => ({
          service,
          step,
          lacked: lacked.map((finding) => ({ ...finding, reason: reasonFor(finding, reasons) })),
        })),
    attested: inputs.provenance.attested,
  };
  return { ...explained, text: explanationText(explained) };
}

function namedTerms(terms: readonly number[]): { readonly [term: string]: number } {
  return Object.fromEntries(termNames.map((name, i) => [name, terms[i] ?? 0]));
}

function ruleReasons(policies: readonly Policy[]): ReadonlyMap<string, string> {
  return new Map(policies.flatMap(({ id, rules }) => rules.map((rule) => [`${id}/${rule.id}`, rule.reason])));
}
