import { Fault } from '../../src/kernel/errors.js';
import type { VaultStore } from '../../src/server/openings/vault-port.js';
import type { FaultMode } from './faulty-storage.js';

export interface FaultyVault extends VaultStore {
  /** Calls so far, by name, in order. */
  readonly calls: readonly string[];
  /** Lets the n-th call from now on fail (0 is the next one). */
  plant(n: number, mode: FaultMode): void;
  readonly thrown: () => number;
}

type Call = Exclude<keyof VaultStore, 'durability' | 'close'>;

/** A vault's store whose calls fail as told: before their work is done, or after it and in spite of it. */
export function faultyVault(store: VaultStore): FaultyVault {
  const calls: string[] = [];
  let planted: { readonly at: number; readonly mode: FaultMode } | undefined;
  let thrown = 0;

  async function through<T>(name: Call, call: () => Promise<T>): Promise<T> {
    const at = calls.push(name) - 1;
    if (planted?.at !== at) return call();
    thrown += 1;
    if (planted.mode === 'did persist') await call();
    throw new Fault('vault_failed', `planted: ${name} ${planted.mode}`, { retryable: true });
  }

  const { shared } = store;
  const sharing: Pick<VaultStore, 'shared'> =
    shared === undefined
      ? {}
      : {
          shared: {
            ...shared,
            commitIf: (change, condition) => through('commit', () => shared.commitIf(change, condition)),
          },
        };
  return {
    durability: store.durability,
    ...sharing,
    calls,
    plant: (n, mode) => {
      planted = { at: calls.length + n, mode };
    },
    thrown: () => thrown,
    commit: (change) => through('commit', () => store.commit(change)),
    read: (name) => through('read', () => store.read(name)),
    scan: (range) => through('scan', () => store.scan(range)),
    readKey: (name) => through('readKey', () => store.readKey(name)),
    scanKeys: (range) => through('scanKeys', () => store.scanKeys(range)),
    close: () => store.close(),
  };
}
