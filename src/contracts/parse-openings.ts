import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { checkShape } from './schema.js';

/** What is left of the openings of a decision (configs/schemas/openings.schema.json). */
export interface OpeningsDocument {
  readonly decision_id: string;
  /** Salt in hex, and the value where it is kept, by the name of what is sealed. */
  readonly openings: { readonly [name: string]: { readonly salt: string; readonly value?: unknown } };
  /** Names whose openings are destroyed. */
  readonly gone?: readonly string[];
}

export function parseOpenings(document: SourceDocument): Result<OpeningsDocument, readonly Problem[]> {
  const problems = checkShape('openings', document);
  // The schema says that it is one.
  return problems.length > 0 ? err(problems) : ok(document.value as unknown as OpeningsDocument);
}
