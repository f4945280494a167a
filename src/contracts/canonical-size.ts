import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { utf8Length } from '../kernel/utf8.js';
import { placed } from './schema-problem.js';

/** Most canonical bytes of a document (calculus §2). */
export const sizeLimits = { request: 4_096, contract: 49_152, policy: 49_152, caller: 2_048 } as const;

/**
 * How many canonical bytes a normalised value has. The writers of JSON and of RFC 8785 differ in the order of members only, for values
 * without lone surrogates, so the faster one counts.
 */
export function canonicalSize(value: unknown): number {
  return utf8Length(JSON.stringify(value));
}

/** The problem that a document is larger than `sizeLimits` admit; none when it is not. */
export function checkSize(
  document: SourceDocument,
  kind: keyof typeof sizeLimits,
  value: unknown,
  path: string,
): readonly Problem[] {
  const size = canonicalSize(value);
  const limit = sizeLimits[kind];
  if (size <= limit) return [];
  const message = `the ${kind} has ${size} canonical bytes, ${limit} are admitted`;
  return placed(document, [{ code: 'document_too_large', path, message }]);
}
