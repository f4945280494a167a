import type { EventTask } from './append-tasks.js';
import type { DecisionIds } from './decision-ids.js';
import type { StoragePort } from './port.js';

/**
 * The tasks that may stand behind the log, one after the other: not decisions on another state than the one as of `asOf` (INV-CAIO-LOG-0002), nor
 * those that the log or a task before them has already (log calculus section 3.2), nor attempts and outcomes at whose index the span of their
 * decision is over (3.9). `decided` knows all decisions of the log.
 */
export async function fittingTasks(
  tasks: readonly EventTask[],
  asOf: number,
  decided: DecisionIds,
  storage: StoragePort,
): Promise<EventTask[]> {
  const ids = new Set<string>();
  const fitting: EventTask[] = [];
  let clock = decided.latest;
  for (const task of tasks) {
    if (task.asOf !== undefined && task.asOf !== asOf) continue;
    if (task.spanEnd !== undefined && clock > task.spanEnd) continue;
    const [entry] = task.entries;
    if (entry?.kind === 'decision') {
      const { id, inputs } = entry.certificate;
      if (ids.has(id) || (await decided.has(entry, storage))) continue;
      ids.add(id);
      clock = Math.max(clock, inputs.time);
    }
    fitting.push(task);
  }
  return fitting;
}
