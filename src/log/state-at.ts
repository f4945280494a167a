import type { State } from '../contracts/state.js';
import { Fault } from '../kernel/errors.js';
import { type Folded, fold } from './fold.js';
import { indexDigits, indexFolder, indexInKey } from './index-rows.js';
import type { StoragePort } from './port.js';
import { readEntry } from './read-entry.js';

const pageRows = 256;

/**
 * The state that was complete at log size `asOf`, rebuilt from the entries below it that the fold reads. Costs one read an entry;
 * memory of one state.
 */
export async function stateAt(storage: StoragePort, asOf: number): Promise<State> {
  let folded: Folded | undefined;
  let after: string | undefined;
  for (;;) {
    const rows = await storage.scanIndex({
      folder: indexFolder.fold,
      before: `${indexFolder.fold}${indexDigits(asOf)}`,
      limit: pageRows,
      ...(after === undefined ? {} : { after }),
    });
    for (const { key } of rows) {
      const index = indexInKey(key);
      const entry = await readEntry(storage, index);
      folded = fold(folded === undefined ? undefined : { ...folded, size: index }, entry);
      after = key;
    }
    if (rows.length < pageRows) break;
  }
  if (folded !== undefined && folded.state.as_of === asOf) return folded.state;
  throw new Fault('storage_failed', `no state was complete at size ${asOf}`, { retryable: false });
}
