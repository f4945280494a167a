import type { Certificate, ExclusionCode, Step } from '../contracts/certificate.js';
import { hasBit } from '../kernel/bitset.js';
import { findingsAt } from '../kernel/predicate.js';
import {
  applyConstraints,
  applyRules,
  applySecurity,
  authenticate,
  matchContracts,
} from '../orchestrator/narrowing-steps.js';
import { openQuestion } from '../orchestrator/question.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { positionOf } from '../registry/registry.js';
import { questionOf } from './decided-again.js';

/** Why a service is not the one that serves: the first thing that excludes it, or who ranks before it. */
export type WhyNot =
  | { readonly kind: 'not_registered'; readonly service: string }
  | {
      readonly kind: 'excluded';
      readonly service: string;
      readonly step: Step;
      readonly code: ExclusionCode;
      readonly ref: string;
    }
  | { readonly kind: 'outranked'; readonly service: string; readonly by: string; readonly points: number };

/** Of `service`, for the question of `certificate` on `snapshot`, which decides it as `decided`. One pass through the narrowing steps. */
export function whyNot(
  certificate: Certificate,
  snapshot: Snapshot,
  decided: Certificate,
  service: string,
): WhyNot | undefined {
  const position = positionOf(snapshot.registry, service);
  if (snapshot.registry.contracts[position]?.id !== service) return { kind: 'not_registered', service };
  const inputs = questionOf(certificate, snapshot);
  const question = inputs.ok ? openQuestion(inputs.value, snapshot) : inputs;
  if (!question.ok) return undefined;
  const { taken } = applyConstraints(applySecurity(applyRules(matchContracts(authenticate(question.value)))));
  for (const step of taken) {
    if (!hasBit(step.entered, position) || hasBit(step.left, position)) continue;
    const [finding] = findingsAt(step, position, 1);
    if (finding !== undefined) return { kind: 'excluded', service, step: step.step, ...finding };
  }
  return outranked(decided, service);
}

function outranked({ ranking, outcome }: Certificate, service: string): WhyNot | undefined {
  if (outcome.decision === 'refused' || outcome.selected.service === service) return undefined;
  const totalOf = (id: string): number | undefined =>
    ranking.best.find((ranked) => ranked.service === id)?.total;
  const by = outcome.selected.service;
  const last = ranking.best.at(-1)?.total ?? 0;
  return { kind: 'outranked', service, by, points: (totalOf(by) ?? 0) - (totalOf(service) ?? last) };
}
