import { encodeUtf8 } from '../../kernel/utf8.js';
import { unwrapKey, vaultFault, wrapKey, wrappingKeyOf } from './data-keys.js';
import type { MasterKey } from './master-key.js';
import { rootKeyName, rotationRow } from './vault-core.js';
import type { VaultRow, VaultStore } from './vault-port.js';

const pageKeys = 500;

/**
 * Puts every key of a vault under another master key and destroys what was under the one before; how many there are. While it runs, and when it
 * was cut short, the vault does not open for anything else; run again with the same two keys, it goes on. Rejects with Fault `vault_failed`.
 */
export function rotateVaultKey(
  store: VaultStore,
  before: MasterKey,
  after: MasterKey,
  random: (bytes: number) => Uint8Array,
  progress: (done: number) => void = () => undefined,
): Promise<number> {
  const rotate = () => rotateNow(store, before, after, random, progress);
  return store.shared === undefined ? rotate() : store.shared.inTurn(rotate);
}

async function rotateNow(
  store: VaultStore,
  before: MasterKey,
  after: MasterKey,
  random: (bytes: number) => Uint8Array,
  progress: (done: number) => void,
): Promise<number> {
  const begun = await store.read(rotationRow);
  const towards = begun === undefined ? after.id : Buffer.from(begun).toString('latin1');
  if (towards !== after.id) {
    throw vaultFault(`A change to the vault key ${towards} was cut short: finish it before another.`);
  }
  const root = await store.readKey(rootKeyName);
  if (root === undefined) throw vaultFault('There is no vault there yet: it has no keys.');
  if (begun === undefined) unwrapKey(rootKeyName, root, before);
  await store.commit({ puts: [{ name: rotationRow, bytes: encodeUtf8(after.id) }] });
  let done = 0;
  for (let name: string | undefined; ; ) {
    const names = await store.scanKeys({
      prefix: '',
      limit: pageKeys,
      ...(name === undefined ? {} : { after: name }),
    });
    const keys = await Promise.all(names.map((each) => rewrapped(store, each, before, after, random)));
    await store.commit({ keys: keys.flat() });
    done += names.length;
    name = names.at(-1);
    if (names.length < pageKeys) break;
    progress(done);
  }
  await store.commit({ deletes: [rotationRow] });
  return done;
}

async function rewrapped(
  store: VaultStore,
  name: string,
  before: MasterKey,
  after: MasterKey,
  random: (bytes: number) => Uint8Array,
): Promise<readonly VaultRow[]> {
  const wrapped = await store.readKey(name);
  // Destroyed, or moved before the last run was cut short.
  if (wrapped === undefined || wrappingKeyOf(wrapped) === after.id) return [];
  return [{ name, bytes: wrapKey({ name, bytes: unwrapKey(name, wrapped, before) }, after, random) }];
}
