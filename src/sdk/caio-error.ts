import { type ErrorCode, errorTable } from '../kernel/errors.js';
import type { Problem } from '../kernel/problem.js';

/** The body of an error: RFC 9457 problem details, with members of ours. */
export interface ProblemDetails {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  /** A stable code of the table in the guide; what a program decides on. */
  readonly code?: string;
  /** Everything that is wrong with an invalid document. */
  readonly problems?: readonly Problem[];
  readonly [member: string]: unknown;
}

/** CAIO said no, or could not be reached. `kind` says whose doing it is; `retryable`, whether the same call may succeed later. */
export class CaioError extends Error {
  override readonly name: string = 'CaioError';
  /** 'unknown' when the answer was not one of CAIO. */
  readonly code: ErrorCode | 'unknown';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly details: ProblemDetails;
  /** The decision, when one was made: its trace says why. */
  readonly decisionId: string | undefined;

  constructor(status: number, details: ProblemDetails, decisionId?: string, cause?: unknown) {
    super(messageOf(status, details), cause === undefined ? undefined : { cause });
    this.code = isCode(details.code) ? details.code : 'unknown';
    this.status = status;
    this.details = details;
    this.decisionId = decisionId;
  }

  get kind(): 'invalid' | 'refusal' | 'false' | 'fault' | 'defect' | 'unknown' {
    return this.code === 'unknown' ? 'unknown' : errorTable[this.code].kind;
  }

  get problems(): readonly Problem[] {
    return this.details.problems ?? [];
  }

  get retryable(): boolean {
    return this.kind === 'fault' || this.code === 'rate_limited';
  }
}

/** The document or the call is wrong: `problems` says where. */
export class InvalidError extends CaioError {
  override readonly name = 'InvalidError';
}

/** Policy or guarantee says no. When no service may serve the request, `decisionId` names the certified refusal. */
export class RefusedError extends CaioError {
  override readonly name = 'RefusedError';
}

/** The decision was executed and the service refused the payload; `result` is what it said. */
export class PayloadError extends CaioError {
  override readonly name = 'PayloadError';

  get result(): unknown {
    return this.details.result;
  }
}

/** The world failed: CAIO, or the service that it called, could not answer. */
export class UnavailableError extends CaioError {
  override readonly name = 'UnavailableError';
}

/** The error that a response stands for. Cost: reads the whole body. */
export async function errorFromResponse(response: Response): Promise<CaioError> {
  const text = await response.text().catch(() => '');
  return errorFromDetails(response.status, parseDetails(text), response.headers.get('x-caio-decision-id'));
}

export function errorFromDetails(
  status: number,
  details: ProblemDetails,
  headerId: string | null = null,
): CaioError {
  const inBody = typeof details.decision_id === 'string' ? details.decision_id : undefined;
  const decisionId = headerId ?? inBody;
  const kind = isCode(details.code) ? errorTable[details.code].kind : undefined;
  if (kind === 'invalid') return new InvalidError(status, details, decisionId);
  if (kind === 'refusal') return new RefusedError(status, details, decisionId);
  if (kind === 'fault') return new UnavailableError(status, details, decisionId);
  if (details.code === undefined && Object.hasOwn(details, 'result')) {
    return new PayloadError(status, { title: 'the service refused the payload', ...details }, decisionId);
  }
  return new CaioError(status, details, decisionId);
}

export function unreachable(url: string, cause: unknown): UnavailableError {
  const details = { code: 'server_unreachable', title: `no answer from ${url}` };
  return new UnavailableError(0, details, undefined, cause);
}

/** A success that CAIO would not answer with: most often a proxy, or another server at this URL. */
export function notCaio(url: string): UnavailableError {
  const details = { code: 'server_unreachable', title: `the answer from ${url} is not JSON: is CAIO there?` };
  return new UnavailableError(0, details);
}

function parseDetails(text: string): ProblemDetails {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ProblemDetails;
  } catch {
    // Some proxy's page: the status is all there is to say.
  }
  return {};
}

function messageOf(status: number, { code, title, detail, problems }: ProblemDetails): string {
  const head = [code, title ?? `status ${status}`, detail].filter((part) => part !== undefined).join(': ');
  const [first] = Array.isArray(problems) ? problems : [];
  return first === undefined
    ? head
    : `${head} (${first.path} ${first.message}; ${problems?.length ?? 0} in all)`;
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}
