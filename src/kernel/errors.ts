/**
 * Errors are of four kinds. *Invalid*: the caller's input is wrong, a value with a path (`problem.ts`). *Refusal*: policy or
 * guarantee says no, a value in the core. *Fault*: the world failed, thrown, says whether a retry helps. *Defect*: our
 * invariant broke, thrown, fails closed.
 *
 * This table is the only place where a code meets an HTTP status and a process exit code.
 * Exit codes: 0 done · 1 a verification or assertion is false · 2 usage or invalid input · 3 refused · 4 fault · 70 defect.
 */
const table = {
  usage: { kind: 'invalid', http: 400, exit: 2, title: 'The command line is wrong' },
  invalid_json: { kind: 'invalid', http: 400, exit: 2, title: 'The body is not acceptable JSON' },
  invalid_yaml: { kind: 'invalid', http: 400, exit: 2, title: 'The body is not acceptable YAML' },
  invalid_request: { kind: 'invalid', http: 422, exit: 2, title: 'The request is invalid' },
  invalid_contract: { kind: 'invalid', http: 422, exit: 2, title: 'The contract is invalid' },
  invalid_policy: { kind: 'invalid', http: 422, exit: 2, title: 'The policy is invalid' },
  invalid_parameters: { kind: 'invalid', http: 422, exit: 2, title: 'The parameters are invalid' },
  invalid_caller: { kind: 'invalid', http: 422, exit: 2, title: 'The caller document is invalid' },
  invalid_state: {
    kind: 'invalid',
    http: 422,
    exit: 2,
    title: 'The history or availability document is invalid',
  },
  invalid_certificate: { kind: 'invalid', http: 422, exit: 2, title: 'The certificate is not well formed' },
  invalid_bundle: { kind: 'invalid', http: 422, exit: 2, title: 'The bundle is not well formed' },
  invalid_key: { kind: 'invalid', http: 422, exit: 2, title: 'The key is not well formed' },
  invalid_configuration: { kind: 'invalid', http: 500, exit: 2, title: 'The configuration is invalid' },
  not_found: { kind: 'invalid', http: 404, exit: 2, title: 'There is nothing of that name' },
  method_not_allowed: { kind: 'invalid', http: 405, exit: 2, title: 'The method is not allowed here' },
  not_acceptable: { kind: 'invalid', http: 406, exit: 2, title: 'No acceptable representation' },
  conflict: { kind: 'invalid', http: 409, exit: 2, title: 'It exists already with other content' },
  too_large: { kind: 'invalid', http: 413, exit: 2, title: 'The body is too large' },
  unsupported_media_type: { kind: 'invalid', http: 415, exit: 2, title: 'The media type is not supported' },

  unauthenticated: { kind: 'refusal', http: 401, exit: 3, title: 'The caller is not authenticated' },
  forbidden: { kind: 'refusal', http: 403, exit: 3, title: 'The caller lacks a permission' },
  change_not_signed: { kind: 'refusal', http: 403, exit: 3, title: 'The change is not signed as it must be' },
  no_admissible_service: { kind: 'refusal', http: 422, exit: 3, title: 'No service may serve the request' },
  legal_hold: { kind: 'refusal', http: 423, exit: 3, title: 'A legal hold keeps what was to be erased' },
  rate_limited: { kind: 'refusal', http: 429, exit: 3, title: 'Too many requests' },

  verification_failed: { kind: 'false', http: 422, exit: 1, title: 'A claim that was checked is false' },

  io_failed: { kind: 'fault', http: 503, exit: 4, title: 'A file could not be read or written' },
  storage_failed: { kind: 'fault', http: 503, exit: 4, title: 'The log could not be read or written' },
  log_discontinued: { kind: 'fault', http: 503, exit: 4, title: 'The log is not the one that was published' },
  vault_failed: { kind: 'fault', http: 503, exit: 4, title: 'The vault could not be read or written' },
  secret_unavailable: { kind: 'fault', http: 502, exit: 4, title: 'A referenced secret is not available' },
  server_unreachable: { kind: 'fault', http: 502, exit: 4, title: 'The CAIO server could not be reached' },
  upstream_unreachable: {
    kind: 'fault',
    http: 502,
    exit: 4,
    title: 'The selected service could not be reached',
  },
  upstream_failed: { kind: 'fault', http: 502, exit: 4, title: 'The selected service failed' },
  upstream_invalid: {
    kind: 'fault',
    http: 502,
    exit: 4,
    title: 'The selected service answered out of protocol',
  },
  upstream_timeout: { kind: 'fault', http: 504, exit: 4, title: 'The selected service missed its deadline' },
  caller_gone: { kind: 'fault', http: 499, exit: 4, title: 'The caller left before the answer' },
  unavailable: { kind: 'fault', http: 503, exit: 4, title: 'CAIO is starting, draining or overloaded' },

  canonical_invalid: { kind: 'defect', http: 500, exit: 70, title: 'A value has no canonical form' },
  set_invalid: { kind: 'defect', http: 500, exit: 70, title: 'A set holds one id twice' },
  invariant_broken: { kind: 'defect', http: 500, exit: 70, title: 'An invariant of CAIO does not hold' },
  internal: { kind: 'defect', http: 500, exit: 70, title: 'CAIO failed in a way it does not know' },
} as const satisfies Readonly<Record<string, ErrorRow>>;

interface ErrorRow {
  readonly kind: 'invalid' | 'refusal' | 'false' | 'fault' | 'defect';
  readonly http: number;
  readonly exit: 1 | 2 | 3 | 4 | 70;
  readonly title: string;
}

export type ErrorCode = keyof typeof table;
type CodeOf<Kind extends ErrorRow['kind']> = {
  [Code in ErrorCode]: (typeof table)[Code]['kind'] extends Kind ? Code : never;
}[ErrorCode];
export type InvalidCode = CodeOf<'invalid'>;
export type FaultCode = CodeOf<'fault'>;
export type DefectCode = CodeOf<'defect'>;

export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = table;

/** The world failed: a disk, a network, another program. `subject` names what it failed on, never a secret. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly retryable: boolean;
  readonly subject: string | undefined;

  constructor(
    code: FaultCode,
    message: string,
    details: { readonly retryable: boolean; readonly subject?: string; readonly cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable;
    this.subject = details.subject;
  }
}

/** Our own invariant broke. Nothing catches it to go on: the request fails closed. `invariant` is an id like INV-CAIO-0004. */
export class Defect extends Error {
  override readonly name = 'Defect';
  readonly code: DefectCode;
  readonly invariant: string | undefined;

  constructor(
    code: DefectCode,
    message: string,
    details: { readonly invariant?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.invariant = details.invariant;
  }
}
