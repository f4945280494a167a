import { Defect, type ErrorCode, errorTable, Fault } from '../kernel/errors.js';
import type { Problem } from '../kernel/problem.js';
import { type CommandIo, paint } from './io.js';

/** A command that cannot do what it was asked: a code of the error table, a sentence, and what is wrong where. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly problems: readonly (Problem & { readonly file?: string })[] = [],
    readonly hint?: string,
  ) {
    super(message);
  }
}

interface FailureReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly (Problem & { readonly file?: string })[];
  readonly hint?: string;
}

function reportOf(error: unknown): FailureReport {
  if (error instanceof CommandFailure) {
    return {
      code: error.code,
      message: error.message,
      problems: error.problems,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  if (error instanceof Fault) {
    const hint = error.retryable ? 'Trying again may help.' : undefined;
    return {
      code: error.code,
      message: error.message,
      problems: [],
      ...(hint === undefined ? {} : { hint }),
    };
  }
  if (error instanceof Defect) return { code: error.code, message: error.message, problems: [] };
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    problems: [],
    hint: 'This is a defect of CAIO; please report it with the command that caused it.',
  };
}

/** Prints a failure as text, or as one JSON object with `--json`, and gives the exit code of the error table. */
export function reportFailure(error: unknown, io: CommandIo, json: boolean): number {
  const report = reportOf(error);
  if (json) {
    io.out(`${JSON.stringify({ error: report })}\n`);
  } else {
    io.err(`${paint(io, 'red', 'error')} ${report.message} [${report.code}]\n`);
    for (const problem of report.problems) io.err(`  ${problemLine(problem)}\n`);
    if (report.hint !== undefined) io.err(`  ${report.hint}\n`);
  }
  return errorTable[report.code].exit;
}

/** `file:line:column /path message (hint)`; what is not known is left out. */
export function problemLine(problem: Problem & { readonly file?: string }): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const path = problem.path === '' ? '' : `${problem.path} `;
  const hint = problem.hint === undefined ? '' : `\n      ${problem.hint}`;
  return `${place === '' ? '' : `${place} `}${path}${problem.message} [${problem.code}]${hint}`;
}
