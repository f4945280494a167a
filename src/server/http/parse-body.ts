import type { ErrorCode } from '../../kernel/errors.js';
import type { SourceDocument } from '../../kernel/json.js';
import type { Problem } from '../../kernel/problem.js';
import { err, type Result } from '../../kernel/result.js';
import { type Failure, invalid } from './failure.js';
import type { Exchange } from './route.js';

/** The body of a request as what `parse` makes of it, with the document for the positions of later problems. */
export function parseBody<T>(
  exchange: Exchange,
  parse: (document: SourceDocument) => Result<T, readonly Problem[]>,
  code: ErrorCode,
): Result<{ readonly value: T; readonly document: SourceDocument }, Failure> {
  const document = exchange.document();
  if (!document.ok) return document;
  const parsed = parse(document.value);
  if (!parsed.ok) return err(invalid(code, located(parsed.error, document.value)));
  return { ok: true, value: { value: parsed.value, document: document.value } };
}

/** Problems with line and column, also where what found them had no text at hand. */
export function located(problems: readonly Problem[], document: SourceDocument): readonly Problem[] {
  return problems.map((problem) => {
    if (problem.line !== undefined) return problem;
    const { line, column } = document.locate(problem.path);
    return { ...problem, line, column };
  });
}

/** A document with another value: positions and numbers are those of `document` at the pointer that `from` gives. */
export function derivedDocument(
  document: SourceDocument,
  value: SourceDocument['value'],
  from: (pointer: string) => string = (pointer) => pointer,
): SourceDocument {
  return {
    value,
    numberText: (pointer) => document.numberText(from(pointer)),
    locate: (pointer) => document.locate(from(pointer)),
  };
}
