import type { SourceDocument } from '../kernel/json.js';
import { compareCodePoints } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { checkShape } from './schema.js';
import type { AvailabilityRow } from './state.js';
import type { WireAvailability } from './wire.js';

/** The services that may not be used (configs/schemas/availability.schema.json), sorted by service. */
export function parseAvailability(
  document: SourceDocument,
): Result<readonly AvailabilityRow[], readonly Problem[]> {
  const problems = checkShape('availability', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const wire = document.value as unknown as WireAvailability;
  return ok(
    wire.rows
      .map(({ service, state, reason }) => ({ service, state, reason }))
      .sort((a, b) => compareCodePoints(a.service, b.service)),
  );
}
