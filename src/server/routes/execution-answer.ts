import type { Readable } from 'node:stream';
import { jsonValue } from '../../gateway/json-members.js';
import type { Answered, Attempt, ExecutionResult } from '../../gateway/port.js';
import type { Recorded } from '../decisions/decide-and-record.js';
import { measuredOf } from '../decisions/outcome-entry.js';
import { decisionHeaders } from '../decisions/promise-headers.js';
import { type Answer, json } from '../http/answer.js';
import { type Failure, failure } from '../http/failure.js';

/** The result of an execution on /api/v1/orchestrate: whole in JSON beside the decision, a stream as it comes. */
export function executionAnswer(result: ExecutionResult, recorded: Recorded, members: object): Answer {
  if (result.kind === 'failed') return executionFailure(result, recorded);
  const headers = servedHeaders(result, recorded);
  if (isStream(result.body)) {
    // Whoever reads the body sees how it ended; what was recorded of it is in the trace.
    result.finished.catch(() => undefined);
    return {
      kind: 'stream',
      status: result.status,
      body: result.body,
      headers: { ...result.headers, ...headers },
    };
  }
  const body = {
    ...members,
    service: result.service,
    rank: result.rank,
    status: result.status,
    ...resultOf(result.body),
    attempts: result.attempts.map(attemptMember),
  };
  return json(result.status, body, headers);
}

export function executionFailure(
  { fault, attempts }: Extract<ExecutionResult, { readonly kind: 'failed' }>,
  { decision, index }: Recorded,
): Failure {
  const { certificate } = decision;
  return failure(fault.code, fault.message, {
    members: { decision_id: certificate.id, log_index: index, attempts: attempts.map(attemptMember) },
    headers: decisionHeaders(certificate, index),
  });
}

/** The decision's headers, with the service that answered where it was not the selected one. */
export function servedHeaders({ service, rank }: Answered, { decision, index }: Recorded) {
  return {
    ...decisionHeaders(decision.certificate, index),
    'x-caio-service': service.service,
    'x-caio-service-version': service.version,
    'x-caio-rank': String(rank),
  };
}

export function isStream(body: Uint8Array | Readable): body is Readable {
  return !(body instanceof Uint8Array);
}

function attemptMember({ rank, service, outcome }: Attempt) {
  return { rank, service, measured: measuredOf(outcome) };
}

/** JSON as it is, other text as a string, anything else in base64. */
function resultOf(bytes: Uint8Array): { readonly result: unknown; readonly result_encoding?: 'base64' } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { result: Buffer.from(bytes).toString('base64'), result_encoding: 'base64' };
  }
  // Bounded in depth: what a service answers must not be able to make an answer of ours that cannot be written.
  const json = jsonValue(text);
  return { result: json === undefined ? text : json.value };
}
