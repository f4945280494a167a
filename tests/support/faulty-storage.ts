import { Fault } from '../../src/kernel/errors.js';
import type { StoragePort } from '../../src/log/port.js';

/** Whether a call that fails did its work all the same. */
export type FaultMode = 'did not persist' | 'did persist';

export interface FaultyStorage extends StoragePort {
  /** Calls so far, by name, in order. */
  readonly calls: readonly string[];
  /** Lets the n-th call from now on fail (0 is the next one), and as many after it as `count` says. */
  plant(n: number, mode: FaultMode, count?: number): void;
  /** Faults that were thrown. */
  readonly thrown: () => number;
}

type Call = Exclude<keyof StoragePort, 'durability' | 'close'>;

/** A store whose calls fail as told: before their work is done, or after it and in spite of it. */
export function faultyStorage(storage: StoragePort): FaultyStorage {
  const calls: string[] = [];
  let planted: { from: number; to: number; mode: FaultMode } | undefined;
  let thrown = 0;

  async function through<T>(name: Call, call: () => Promise<T>): Promise<T> {
    const at = calls.push(name) - 1;
    const fails = planted !== undefined && at >= planted.from && at < planted.to;
    if (!fails) return call();
    thrown += 1;
    if (planted?.mode === 'did persist') await call();
    throw new Fault('storage_failed', `planted: ${name} ${planted?.mode}`, { retryable: true });
  }

  return {
    durability: storage.durability,
    calls,
    plant: (n, mode, count = 1) => {
      planted = { from: calls.length + n, to: calls.length + n + count, mode };
    },
    thrown: () => thrown,
    readHead: () => through('readHead', () => storage.readHead()),
    commit: (expected, batch) => through('commit', () => storage.commit(expected, batch)),
    readBlob: (key) => through('readBlob', () => storage.readBlob(key)),
    readBlobs: (keys) => through('readBlobs', () => storage.readBlobs(keys)),
    readIndex: (key) => through('readIndex', () => storage.readIndex(key)),
    scanIndex: (range) => through('scanIndex', () => storage.scanIndex(range)),
    scanDroppable: (after, limit) => through('scanDroppable', () => storage.scanDroppable(after, limit)),
    watch: (onCommit) => through('watch', () => storage.watch(onCommit)),
    close: () => storage.close(),
  };
}
