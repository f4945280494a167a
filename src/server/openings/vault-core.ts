import { CommitQueue } from './commit-queue.js';
import { DataKeys, unwrapKey, vaultFault, wrapKey } from './data-keys.js';
import type { MasterKey } from './master-key.js';
import { type Notes, notesUnder } from './notes.js';
import { SubjectGates } from './subject-gates.js';
import { UnrecordedDecisions } from './unrecorded.js';
import { VaultNames } from './vault-names.js';
import type { VaultStore } from './vault-port.js';

type Random = (bytes: number) => Uint8Array;

/** What openings and their erasure share: one store, its keys and names, and the order of its commits. */
export interface VaultCore {
  readonly store: VaultStore;
  readonly queue: CommitQueue;
  readonly keys: DataKeys;
  readonly names: VaultNames;
  readonly gates: SubjectGates;
  /** For rows about the vault itself, which name no subject. */
  readonly notes: Notes;
  readonly unrecorded: UnrecordedDecisions;
  readonly random: Random;
}

/** The one key that is not a subject's: it names the rows, and seals the notes. */
export const rootKeyName = 'root';
/** There while a rotation is under way. */
export const rotationRow = 'm/rotation';

/**
 * Opens a vault, or begins one in an empty store. Rejects with Fault `vault_failed`: with both keys named when it is under another master key,
 * and when a rotation was cut short.
 */
export async function openVault(store: VaultStore, master: MasterKey, random: Random): Promise<VaultCore> {
  if ((await store.read(rotationRow)) !== undefined) {
    throw vaultFault('A change of the vault key was cut short: run caio vault rotate again.');
  }
  const rootKey = await openRoot(store, master, random);
  const notes = notesUnder(rootKey, random);
  const unrecorded = new UnrecordedDecisions(notes);
  const queue = new CommitQueue(store, () => unrecorded.rows());
  const keys = new DataKeys(store, master, random);
  const names = new VaultNames(rootKey);
  return { store, queue, keys, names, gates: new SubjectGates(), notes, unrecorded, random };
}

async function openRoot(store: VaultStore, master: MasterKey, random: Random): Promise<Uint8Array> {
  const wrapped = await store.readKey(rootKeyName);
  if (wrapped !== undefined) return unwrapKey(rootKeyName, wrapped, master);
  const [keys, rows] = await Promise.all([
    store.scanKeys({ prefix: '', limit: 1 }),
    store.scan({ prefix: '', limit: 1 }),
  ]);
  if (keys.length + rows.length > 0) {
    throw vaultFault('The vault holds openings and has lost its root key: its file of keys was replaced.');
  }
  const bytes = Uint8Array.from(random(32));
  await store.commit({
    keys: [{ name: rootKeyName, bytes: wrapKey({ name: rootKeyName, bytes }, master, random) }],
  });
  return bytes;
}
