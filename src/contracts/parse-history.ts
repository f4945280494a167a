import type { SourceDocument } from '../kernel/json.js';
import { compareCodePoints } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { exactUnits, plainCount } from './exact-units.js';
import { present } from './present.js';
import { checkShape } from './schema.js';
import type { History } from './state.js';
import type { WireHistory } from './wire.js';

/** A history epoch (configs/schemas/history.schema.json), its rows sorted by service. */
export function parseHistory(document: SourceDocument): Result<History, readonly Problem[]> {
  const problems = checkShape('history', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const wire = document.value as unknown as WireHistory;
  return ok({
    from: exactUnits(document, '/from', wire.from, 0),
    to: exactUnits(document, '/to', wire.to, 0),
    rows: wire.rows
      .map(({ service, trials, successes, latency, promises }) => ({
        service,
        trials: plainCount(trials),
        successes: plainCount(successes),
        ...present({
          latency: latency?.map((count) => plainCount(count)),
          promises: promises
            ?.map(({ property, p0_ppm, trials: held, misses }) => ({
              property,
              p0_ppm: plainCount(p0_ppm),
              trials: plainCount(held),
              misses: plainCount(misses),
            }))
            .sort((a, b) => compareCodePoints(a.property, b.property) || a.p0_ppm - b.p0_ppm),
        }),
      }))
      .sort((a, b) => compareCodePoints(a.service, b.service)),
  });
}
