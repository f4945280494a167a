import { parentPort, workerData } from 'node:worker_threads';
import { Defect } from '../../kernel/errors.js';
import { decodeEntry } from '../../log/entry-codec.js';
import { counted, type Folded, fold } from '../../log/fold.js';
import type { Replacement } from '../../replay/replacement.js';
import { replayer } from '../../replay/replay.js';
import type { Decided, Outcome, Stretch } from './worker-message.js';

/** A thread that folds a log and decides some of its decisions again. */
const replay = replayer(workerData as Replacement);
let folded: Folded | undefined;
let ended = false;

parentPort?.on('message', ({ id, first, entries, decided }: Stretch) => {
  const mine = new Set(decided);
  const results: Outcome[] = [];
  for (const [i, bytes] of entries.entries()) {
    if (ended) break;
    const index = first + i;
    if (bytes === undefined) {
      if (folded !== undefined) folded = counted(folded);
      continue;
    }
    const entry = decodeEntry(bytes, index);
    if (entry.kind === 'decision' && folded !== undefined && mine.has(index)) {
      const result = replay(entry.certificate, index, folded.state);
      results.push({ index, result });
      ended = !result.ok;
    }
    try {
      folded = fold(folded, entry);
    } catch (cause) {
      // Whoever reads the log folds it too, and says what cannot stand in it.
      if (!(cause instanceof Defect)) throw cause;
      ended = true;
    }
  }
  parentPort?.postMessage({ id, results } satisfies Decided);
});
