import type { VaultRange, VaultStore } from './vault-port.js';

/** Forgets everything with the process. Destroyed keys are overwritten here as well: a heap may be dumped. */
export function memoryVault(): VaultStore {
  const rows = new Map<string, Uint8Array>();
  const keys = new Map<string, Uint8Array>();
  const destroy = (name: string): void => {
    keys.get(name)?.fill(0);
    keys.delete(name);
  };
  return {
    durability: 'process',
    commit: async ({ puts = [], deletes = [], keys: added = [], destroyed = [] }) => {
      for (const name of [...destroyed, ...added.map(({ name }) => name)]) destroy(name);
      for (const { name, bytes } of added) keys.set(name, bytes.slice());
      for (const name of deletes) rows.delete(name);
      for (const { name, bytes } of puts) rows.set(name, bytes.slice());
    },
    read: async (name) => rows.get(name)?.slice(),
    scan: async (range) =>
      namesIn(rows, range).map((name) => ({ name, bytes: (rows.get(name) as Uint8Array).slice() })),
    readKey: async (name) => keys.get(name)?.slice(),
    scanKeys: async (range) => namesIn(keys, range),
    close: async () => {
      for (const name of [...keys.keys()]) destroy(name);
      rows.clear();
    },
  };
}

function namesIn(
  map: ReadonlyMap<string, unknown>,
  { prefix, after = '', limit }: VaultRange,
): readonly string[] {
  return [...map.keys()]
    .filter((name) => name.startsWith(prefix) && name > after)
    .sort()
    .slice(0, limit);
}
