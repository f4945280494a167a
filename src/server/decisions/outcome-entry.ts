import type { Routed, ServiceReference } from '../../contracts/certificate.js';
import type { Contract } from '../../contracts/contract.js';
import type { AnswerCommitment, AttemptOutcome } from '../../gateway/port.js';
import { enforcementVerdicts, reportedCost } from '../../guarantees/enforcement-verdicts.js';
import { decodeBase64 } from '../../kernel/base64.js';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { keyAlgorithm, parseVerifierKey, verifyEd25519 } from '../../kernel/verifier-key.js';
import { entryType, type Measured, type OutcomeEntry, type ResultCommitment } from '../../log/entry.js';

/** The attempt that has ended. */
export interface EndedAttempt {
  readonly decision: string;
  readonly rank: number;
  readonly service: ServiceReference;
  readonly contract: Contract;
  readonly promise: Routed['promise'];
}

/** What the log says of an attempt's end: measured, held against the promises, and committed to (log calculus sections 3.6 to 3.8). */
export function outcomeEntry(attempt: EndedAttempt, ended: AttemptOutcome, time: number): OutcomeEntry {
  const { decision, rank, service, contract, promise } = attempt;
  const cost = ended.kind === 'answered' ? reportedCost(contract, ended.usage) : undefined;
  const measured: Measured = {
    ...measuredOf(ended),
    ...(cost === undefined ? {} : { cost_micro_usd: cost }),
  };
  const verdicts = enforcementVerdicts(contract, promise.cost_micro_usd, {
    result: measured.result,
    latencyMicros: measured.latency_micros,
    costMicroUsd: cost,
  });
  const answer = ended.kind === 'answered' ? ended.result : undefined;
  return {
    type: entryType,
    kind: 'outcome',
    time,
    decision,
    rank,
    service,
    measured,
    verdicts,
    ...(answer === undefined ? {} : { result: resultOf(decision, contract, answer) }),
  };
}

/** Messages stay out of the log: they may quote what a service said. */
export function measuredOf(ended: AttemptOutcome): Measured {
  switch (ended.kind) {
    case 'answered':
      return {
        result: ended.status < 400 ? 'answered' : 'rejected',
        latency_micros: whole(ended.latencyMicros),
        first_byte_micros: whole(ended.firstByteMicros),
        status: ended.status,
        answer_bytes: ended.answerBytes,
        ...(ended.usage === undefined ? {} : { tokens: ended.usage }),
      };
    case 'failed':
      return {
        result: 'failed',
        latency_micros: whole(ended.latencyMicros),
        code: ended.code,
        ...(ended.status === undefined ? {} : { status: ended.status }),
      };
    case 'aborted':
      return { result: 'aborted', latency_micros: whole(ended.latencyMicros) };
    case 'not_sent':
      return {
        result: 'not_sent',
        latency_micros: ended.latencyMicros,
        ...(ended.code === undefined ? {} : { code: ended.code }),
      };
    default:
      return ended satisfies never;
  }
}

const whole = (micros: number): number => Math.max(0, Math.round(micros));

/** A signature is nothing without a key in the contract; one that is not the key's is not repeated. */
function resultOf(
  decision: string,
  { api }: Contract,
  { commitment, signature }: AnswerCommitment,
): ResultCommitment {
  if (api.result_key === undefined || signature === undefined) return { commitment };
  const text = encodeUtf8(`caio/result/v1\n${decision}\n${commitment}\n`);
  return isSigned(api.result_key, text, signature)
    ? { commitment, signature }
    : { commitment, signature_refused: true };
}

function isSigned(verifierKey: string, text: Uint8Array, signature: string): boolean {
  const key = parseVerifierKey(verifierKey);
  const bytes = decodeBase64(signature);
  if (!key.ok || key.value.algorithm !== keyAlgorithm.ed25519 || bytes === undefined) return false;
  return verifyEd25519(key.value.publicKey, text, bytes);
}
