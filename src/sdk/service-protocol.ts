import type { Promised } from '../contracts/certificate.js';

/** What CAIO sends to a service: POST {url}/v1/execute. */
export interface ServiceRequest {
  /** The certificate of the decision that led here; `x-caio-decision-id` says the same. */
  readonly decisionId: string;
  readonly intent: { readonly type: string };
  readonly payload: unknown;
  /** What CAIO has promised the caller; the call is cut off at `deadline_micros`. */
  readonly promise: Promised;
  readonly stream: boolean;
}

export interface Usage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cached_tokens?: number;
}

export interface ServiceAnswer {
  /** Any JSON value. */
  readonly result: unknown;
  readonly usage?: Usage;
}

export interface Verdict {
  readonly holds: boolean;
  /** Why not; it reaches CAIO, not the caller. */
  readonly reason?: string;
}

/** Throw it from `execute` when the payload cannot be served by anyone: the caller gets 422 and no other service is asked. */
export class PayloadRefused extends Error {
  override readonly name = 'PayloadRefused';
}

/** Reads the body of an execution; a text says what is wrong with it. */
export function parseServiceRequest(text: string): ServiceRequest | string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'the body is not JSON';
  }
  if (!isObject(body)) return 'the body is not a JSON object';
  const { decision_id: decisionId, intent, payload, promise, stream } = body;
  if (typeof decisionId !== 'string') return 'decision_id is not a string';
  if (!isObject(intent) || typeof intent.type !== 'string') return 'intent.type is not a string';
  if (!isObject(promise)) return 'promise is not an object';
  return {
    decisionId,
    intent: { type: intent.type },
    payload,
    promise: promise as unknown as Promised,
    stream: stream === true,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
