import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { checkSize } from './canonical-size.js';
import { plainCount } from './exact-units.js';
import type { Policy } from './policy.js';
import { mapEntries, present } from './present.js';
import { checkShape } from './schema.js';
import type { WirePolicy } from './wire.js';

/** A policy (configs/schemas/policy.schema.json). Its expressions stay text here: the rules folder parses and type-checks them. */
export function parsePolicy(document: SourceDocument): Result<Policy, readonly Problem[]> {
  const problems = checkShape('policy', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const wire = document.value as unknown as WirePolicy;
  const policy = present<Policy>({
    id: wire.id,
    version: wire.version,
    description: wire.description,
    context: mapEntries(wire.context, ({ type, sealed }) => ({ type, sealed: sealed ?? false })),
    rules: wire.rules.map(({ id, type, when, require, reason, priority }) => ({
      id,
      type,
      when,
      require,
      reason,
      priority: plainCount(priority ?? 0),
    })),
  });
  const oversize = checkSize(document, 'policy', policy, '');
  return oversize.length > 0 ? err(oversize) : ok(policy);
}
