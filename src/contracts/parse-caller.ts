import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import type { Caller, CallerDocument } from './caller.js';
import { checkSize } from './canonical-size.js';
import { plainCount } from './exact-units.js';
import { present } from './present.js';
import { checkShape } from './schema.js';
import { textSet } from './text-set.js';
import { parseTimestamp } from './timestamp.js';
import type { WireCaller } from './wire.js';

/** A caller as a file states it (configs/schemas/caller.schema.json), for decisions made offline; times become microseconds. */
export function parseCaller(document: SourceDocument): Result<CallerDocument, readonly Problem[]> {
  const problems = checkShape('caller', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one, and both times parse.
  const wire = document.value as unknown as WireCaller;
  const caller: Caller = {
    method: wire.method,
    issuer: wire.issuer,
    audience: wire.audience,
    key_id: wire.key_id,
    not_before: parseTimestamp(wire.not_before) as number,
    expires: parseTimestamp(wire.expires) as number,
    tenant: wire.tenant,
    permissions: textSet(wire.permissions),
    trust_level: plainCount(wire.trust_level),
  };
  const oversize = checkSize(document, 'caller', caller, '');
  if (oversize.length > 0) return err(oversize);
  return ok(present<CallerDocument>({ caller, subject: wire.subject }));
}
