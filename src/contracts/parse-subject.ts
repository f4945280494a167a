import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { checkShape } from './schema.js';

/** Whom an erasure or a hold is about (configs/schemas/subject.schema.json). */
export interface NamedSubject {
  readonly subject: string;
  readonly tenant?: string;
}

export function parseSubject(document: SourceDocument): Result<NamedSubject, readonly Problem[]> {
  const problems = checkShape('subject', document);
  // The schema says that it is one.
  return problems.length > 0 ? err(problems) : ok(document.value as unknown as NamedSubject);
}
