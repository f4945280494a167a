import type { DecisionEntry } from '../../log/entry.js';
import type { Replacement } from '../../replay/replacement.js';
import { replayer } from '../../replay/replay.js';
import type { CommandIo } from '../io.js';
import { walkLog } from '../log/walk-log.js';
import type { LogSource } from '../log-source/log-source.js';
import { ReplayThreads } from './replay-threads.js';
import type { Outcome } from './worker-message.js';

/** What is decided again, and on how many threads. */
export interface DecideAgain {
  readonly replacement: Replacement;
  readonly within: (entry: DecisionEntry, index: number) => boolean;
  readonly jobs: number;
}

/**
 * Walks a log and gives what its decisions come to, in order, to `seen`, which may throw. The same whatever the number of threads, also when something is wrong with
 * the log: what a decision before it comes to is seen first.
 */
export async function decideAllAgain(
  source: LogSource,
  io: CommandIo,
  { replacement, within, jobs }: DecideAgain,
  seen: (outcome: Outcome) => void,
): Promise<void> {
  if (jobs < 2) {
    const replay = replayer(replacement);
    await walkLog(source, io, ({ entry, index, before }) => {
      if (entry.kind !== 'decision' || before === undefined || !within(entry, index)) return;
      seen({ index, result: replay(entry.certificate, index, before.state) });
    });
    return;
  }
  const threads = new ReplayThreads(jobs, replacement, seen);
  try {
    await walkLog(source, io, (step) => {
      const { entry, index, before } = step;
      return threads.take(step, entry.kind === 'decision' && before !== undefined && within(entry, index));
    }).finally(() => threads.end());
  } finally {
    await threads.close();
  }
}
