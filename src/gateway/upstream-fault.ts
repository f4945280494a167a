import { Fault, type FaultCode } from '../kernel/errors.js';

/** Codes of Node and undici for a service that was never reached: no byte of the payload left. */
const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What a network error means, in our words. The original message is not repeated: it may quote what was sent.
 * An abort carries its own Fault and is passed on.
 */
export function upstreamFault(error: unknown, service: string): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const kind: FaultCode = unreachable.has(code)
    ? 'upstream_unreachable'
    : isMalformed(error, code)
      ? 'upstream_invalid'
      : 'upstream_failed';
  const what = {
    upstream_unreachable: 'the service could not be reached',
    upstream_invalid: 'the service does not answer in HTTP',
    upstream_failed: 'the connection broke before the whole answer had come',
  }[kind];
  return new Fault(kind, `${what}${code === '' ? '' : ` (${code})`}`, { retryable: true, subject: service });
}

function isMalformed(error: unknown, code: string): boolean {
  return (
    // Its `code` is absent for some of what llhttp rejects.
    (error instanceof Error && error.name === 'HTTPParserError') ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
    code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  );
}

function codeOf(error: unknown): string {
  // Failing on every address of a name, Node throws an AggregateError: its first error says why.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
