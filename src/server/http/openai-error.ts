import { type ErrorCode, errorTable } from '../../kernel/errors.js';
import { type Failure, statusOf } from './failure.js';

/** A failure as clients of the OpenAI API read it: `{error: {message, type, param, code}}`, with our own members beside these. */
export function openAiError(failed: Failure, instance: string): { readonly error: object } {
  const first = failed.problems?.[0];
  return {
    error: {
      message: failed.detail ?? errorTable[failed.code].title,
      type: errorType(failed.code, statusOf(failed)),
      param: first === undefined || first.path === '' ? null : first.path,
      code: failed.code,
      request_id: instance,
      ...(failed.problems === undefined ? {} : { problems: failed.problems }),
      ...failed.members,
    },
  };
}

function errorType(code: ErrorCode, status: number): string {
  if (code === 'unauthenticated') return 'authentication_error';
  if (code === 'forbidden') return 'permission_error';
  if (code === 'rate_limited') return 'rate_limit_error';
  if (status >= 500) return 'server_error';
  return 'invalid_request_error';
}
