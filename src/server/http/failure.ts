import { type ErrorCode, errorTable } from '../../kernel/errors.js';
import type { Problem } from '../../kernel/problem.js';

/** An answer that says no: a value that handlers return. Its status is that of its code in the kernel's error table. */
export interface Failure {
  readonly kind: 'failure';
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly problems?: readonly Problem[];
  /** Further members of the problem document, with names that RFC 9457 does not use. */
  readonly members?: { readonly [name: string]: unknown };
  readonly headers?: { readonly [name: string]: string };
}

export function failure(
  code: ErrorCode,
  detail?: string,
  more: Pick<Failure, 'problems' | 'members' | 'headers'> = {},
): Failure {
  return { kind: 'failure', code, ...(detail === undefined ? {} : { detail }), ...more };
}

export function invalid(code: ErrorCode, problems: readonly Problem[]): Failure {
  return failure(code, problemSummary(problems), { problems });
}

export function statusOf({ code }: Failure): number {
  return errorTable[code].http;
}

/** RFC 9457 problem details. `instance` names the request, as its log line does. */
export function problemDetails(failed: Failure, instance: string): { readonly [name: string]: unknown } {
  return {
    type: `urn:caio:problem:${failed.code}`,
    title: errorTable[failed.code].title,
    status: statusOf(failed),
    code: failed.code,
    ...(failed.detail === undefined ? {} : { detail: failed.detail }),
    instance: `urn:caio:request:${instance}`,
    ...(failed.problems === undefined ? {} : { problems: failed.problems }),
    ...failed.members,
  };
}

function problemSummary(problems: readonly Problem[]): string {
  const first = problems[0];
  if (first === undefined) return 'The document is not acceptable.';
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  return `${first.path === '' ? 'document' : first.path}: ${first.message}${more}`;
}
