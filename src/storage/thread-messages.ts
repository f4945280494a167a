import { Defect, type DefectCode, Fault, type FaultCode } from '../kernel/errors.js';

/** What the thread of a store begins with. */
export interface ThreadData {
  readonly folder: string;
  /** Of the claim on the folder. */
  readonly token: string;
}

/** Ends the thread too. */
export interface CloseCall {
  readonly name: 'close';
}

/** The number of the first answer, to which nobody asked: whether the thread has the store. */
export const opening = 0;

export interface Asked<Call> {
  /** Above `opening`. */
  readonly id: number;
  readonly call: Call | CloseCall;
}

export type Answered =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: ThreadFailure };

/** An error in a form that passes between threads: classes do not. */
export type ThreadFailure =
  | {
      readonly kind: 'fault';
      readonly code: FaultCode;
      readonly message: string;
      readonly retryable: boolean;
      readonly subject?: string;
    }
  | {
      readonly kind: 'defect';
      readonly code: DefectCode;
      readonly message: string;
      readonly invariant?: string;
    };

export function failureOf(error: unknown): ThreadFailure {
  if (error instanceof Fault) {
    const { code, message, retryable, subject } = error;
    return { kind: 'fault', code, message, retryable, ...(subject === undefined ? {} : { subject }) };
  }
  if (error instanceof Defect) {
    const { code, message, invariant } = error;
    return { kind: 'defect', code, message, ...(invariant === undefined ? {} : { invariant }) };
  }
  return {
    kind: 'defect',
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
  };
}

export function errorOf(failure: ThreadFailure): Fault | Defect {
  switch (failure.kind) {
    case 'fault':
      return new Fault(failure.code, failure.message, failure);
    case 'defect':
      return new Defect(failure.code, failure.message, failure);
    default:
      return failure satisfies never;
  }
}
