import type { Certificate } from '../contracts/certificate.js';
import type { Problem } from '../kernel/problem.js';
import { ok, type Result } from '../kernel/result.js';
import { decide } from '../orchestrator/decide.js';
import type { DecisionInputs } from '../orchestrator/question.js';
import { sealRequest } from '../orchestrator/seal.js';
import type { Snapshot } from '../orchestrator/snapshot.js';

/**
 * The question of a certificate, as the log has it, put to a snapshot: the clear request, caller, time and seed as they were, the commitments carried over. Context
 * fields that the snapshot's policies do not declare clear are not read, as at the door; sealed ones cannot come back, so they count as not given. Problems: a
 * field of another type than declared, an unknown profile.
 */
export function questionOf(
  { inputs }: Certificate,
  snapshot: Snapshot,
): Result<DecisionInputs, readonly Problem[]> {
  const { request, caller, commitments, time, seed, seed_origin: seedOrigin } = inputs;
  const sealed = sealRequest({ request }, { caller }, snapshot, undefined);
  if (!sealed.ok) return sealed;
  return ok({ request: sealed.value.request, caller, commitments, time, seed, seedOrigin });
}

/** What the engine decides of the same question on a snapshot. */
export function decideAgain(
  certificate: Certificate,
  snapshot: Snapshot,
): Result<Certificate, readonly Problem[]> {
  const question = questionOf(certificate, snapshot);
  if (!question.ok) return question;
  const decision = decide(question.value, snapshot);
  return decision.ok ? ok(decision.value.certificate) : decision;
}
