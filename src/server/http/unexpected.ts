import { Defect, Fault } from '../../kernel/errors.js';
import { type Failure, failure } from './failure.js';

/**
 * What was thrown, as an answer. Our own faults say what failed; everything else says nothing but that it did: messages of defects
 * and foreign errors may quote what they failed on.
 */
export function failureOfThrown(error: unknown): Failure {
  if (error instanceof Fault) {
    const headers = error.retryable ? { headers: { 'retry-after': '1' } } : {};
    return failure(error.code, error.message, headers);
  }
  if (error instanceof Defect) return failure(error.code);
  return failureOfFramework(error) ?? failure('internal');
}

/** Errors that Fastify throws before a handler runs; `undefined` for anything that is not the client's doing. */
function failureOfFramework(error: unknown): Failure | undefined {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('too_large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failure('unsupported_media_type');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return failure('not_found', 'There is nothing under a path like this.');
    default:
      return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
        ? failure('invalid_request', 'The request could not be read.')
        : undefined;
  }
}

/** Where an unexpected error came from: functions and lines of its stack, without its message, which may hold what a client sent. */
export function stackFrames(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const { stack, message } = error;
  // A message of several lines may look like frames; what follows it does not.
  const behind = stack.slice(stack.indexOf(message) + message.length);
  return behind
    .split('\n')
    .filter((line) => /^\s+at [^\n]{1,300}$/.test(line))
    .slice(0, 16)
    .map((line) => line.trim());
}
