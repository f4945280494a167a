import { digestFromBytes, sha256 } from '../kernel/digest.js';
import { encodeUtf8 } from '../kernel/utf8.js';
import type { StoragePort } from '../log/port.js';
import type { WitnessStore } from '../witness/store.js';

/**
 * What a witness remembers, in any store that a log could be in: atomic, compared and swapped, durable, one process at a time. Its head counts the
 * changes and names the last one; the checkpoints are rows of the index, one for each log.
 */
export function witnessStore(storage: StoragePort): WitnessStore {
  const read = (origin: string) => storage.readIndex(rowOf(origin));
  return {
    read,
    replace: async (origin, expected, next) => {
      const head = await storage.readHead();
      // Read after the head: whoever changes it in between makes the commit a conflict.
      if ((await read(origin)) !== expected) return false;
      if (next === expected) return true;
      const change = { size: (head?.size ?? 0) + 1, root: digestFromBytes(sha256(encodeUtf8(next))) };
      const index = [{ key: rowOf(origin), value: next }];
      return (await storage.commit(head, { head: change, blobs: [], index })) === 'committed';
    },
  };
}

/** Origins are texts of any length: the row is named by their hash. */
function rowOf(origin: string): string {
  return `witness/${Buffer.from(sha256(encodeUtf8(origin))).toString('hex')}`;
}
