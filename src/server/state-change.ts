import type { Problem } from '../kernel/problem.js';
import { err, type Result } from '../kernel/result.js';
import type { Author, StateEntry } from '../log/entry.js';
import type { Appended, Log, View } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import type { Failure } from './http/failure.js';
import type { Identity } from './identity/identity.js';

/** What a put, removal or revocation needs from the world. */
export interface StatePorts {
  readonly log: Log<Snapshot>;
}

/**
 * Appends the entries that `plan` makes of the state at hand. `explain` makes an answer of the problems with which a snapshot cannot be
 * built: nothing is appended then.
 */
export async function changeState(
  { log }: StatePorts,
  plan: (view: View<Snapshot>) => Result<readonly StateEntry[], Failure>,
  explain: (problems: readonly Problem[]) => Failure,
): Promise<Result<Appended<Snapshot>, Failure>> {
  const appended = await log.appendState(plan);
  if (appended.ok) return appended;
  return err('kind' in appended.error ? appended.error : explain(appended.error));
}

export function authorOf({ document: { caller } }: Identity): Author {
  return { method: caller.method, key_id: caller.key_id };
}
