import { Fault } from '../../kernel/errors.js';
import { CommitQueue } from './commit-queue.js';
import { type DataKey, DataKeys, unwrapKey, vaultFault, wrapKey } from './data-keys.js';
import type { MasterKey } from './master-key.js';
import { type Notes, notesUnder } from './notes.js';
import { SubjectGates } from './subject-gates.js';
import { UnrecordedDecisions } from './unrecorded.js';
import { gateRow, VaultNames } from './vault-names.js';
import type { VaultRow, VaultStore } from './vault-port.js';

type Random = (bytes: number) => Uint8Array;

/** What openings and their erasure share: one store, its keys and names, and the order of its commits. */
export interface VaultCore {
  readonly store: VaultStore;
  /** The root key as it was found, wrapped. */
  readonly root: VaultRow;
  readonly queue: CommitQueue;
  readonly keys: DataKeys;
  readonly names: VaultNames;
  readonly gates: SubjectGates;
  /** For rows about the vault itself, which name no subject. */
  readonly notes: Notes;
  readonly unrecorded: UnrecordedDecisions;
  readonly random: Random;
}

/** What is to be written about subjects, and what it is sealed under. */
export interface SealedChange {
  readonly keys: readonly DataKey[];
  readonly puts: readonly VaultRow[];
}

const mostTries = 20;

/**
 * Writes what is about subjects (`because`: of those of which a row has to be there, its name by theirs), whatever other processes destroy meanwhile: `seal` is asked anew when a key that it sealed under is gone, or an
 * erasure has begun, for those of the subjects that are not being erased. Resolves when it is durable; `seal` gives `undefined` when nothing
 * is left to write.
 */
export async function writeAbout(
  core: VaultCore,
  subjects: readonly string[],
  because: ReadonlyMap<string, string>,
  seal: (left: ReadonlySet<string>) => Promise<SealedChange | undefined>,
): Promise<void> {
  const { store, queue, keys, gates, unrecorded } = core;
  await gates.pass(subjects, async (passed) => {
    let left = passed;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const sealed = await seal(left);
      if (sealed === undefined) return;
      const used = [...new Set(sealed.keys)];
      const change = {
        puts: sealed.puts,
        get keys() {
          return used.flatMap((key) => keys.unsavedRow(key));
        },
      };
      const condition = {
        keys: [core.root, ...used.map(({ name, wrapped }) => ({ name, bytes: wrapped }))],
        present: [...left].flatMap((subject) => because.get(subject) ?? []),
        absent: [rotationRow, ...[...left].map(gateRow)],
      };
      const letGo = () => {
        for (const key of used) keys.moved(key);
      };
      const made = await queue.commitIf(change, condition).catch((cause: unknown) => {
        // It may have been done, and the key destroyed since: the next try looks.
        if (store.shared !== undefined) letGo();
        throw cause;
      });
      if (made) {
        for (const key of used) keys.saved(key);
        return;
      }
      letGo();
      unrecorded.rewrite();
      await refuseRotated(core);
      left = new Set(await writable(store, left, because));
    }
    const message = 'The keys of the vault change faster than openings can be written.';
    throw new Fault('vault_failed', message, { retryable: true });
  });
}

/** A key that is made under the old vault key when all others are under the new one would be lost with it. */
async function refuseRotated({ store, root }: VaultCore): Promise<void> {
  const wrapped = await store.readKey(root.name);
  const same = wrapped !== undefined && Buffer.compare(wrapped, root.bytes) === 0;
  if (same && (await store.read(rotationRow)) === undefined) return;
  throw vaultFault(
    'The vault key was changed while this process ran: set openings.key to the new one and start it again.',
  );
}

async function writable(
  store: VaultStore,
  subjects: ReadonlySet<string>,
  because: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const open = async (subject: string): Promise<boolean> => {
    const reason = because.get(subject);
    if (reason !== undefined && (await store.read(reason)) === undefined) return false;
    return (await store.read(gateRow(subject))) === undefined;
  };
  const opens = await Promise.all([...subjects].map(open));
  return [...subjects].filter((_, i) => opens[i]);
}

/** The one key that is not a subject's: it names the rows, and seals the notes. */
export const rootKeyName = 'root';
/** There while a rotation is under way. */
export const rotationRow = 'm/rotation';

/**
 * Opens a vault, or begins one in an empty store. Rejects with Fault `vault_failed`: with both keys named when it is under another master key,
 * and when a rotation was cut short.
 */
export async function openVault(
  store: VaultStore,
  master: MasterKey,
  random: Random,
  time: () => number,
): Promise<VaultCore> {
  if ((await store.read(rotationRow)) !== undefined) {
    throw vaultFault('A change of the vault key was cut short: run caio vault rotate again.');
  }
  const open = () => openRoot(store, master, random);
  // Of several that begin at once one makes the key.
  const root = await (store.shared === undefined ? open() : store.shared.inTurn(open));
  const rootKey = unwrapKey(rootKeyName, root.bytes, master);
  const notes = notesUnder(rootKey, random);
  const instance =
    store.shared === undefined ? undefined : { id: Buffer.from(random(16)).toString('hex'), time };
  const unrecorded = new UnrecordedDecisions(notes, instance);
  const queue = new CommitQueue(store, () => unrecorded.rows());
  const keys = new DataKeys(store, master, random);
  const names = new VaultNames(rootKey);
  return { store, root, queue, keys, names, gates: new SubjectGates(), notes, unrecorded, random };
}

async function openRoot(store: VaultStore, master: MasterKey, random: Random): Promise<VaultRow> {
  const wrapped = await store.readKey(rootKeyName);
  if (wrapped !== undefined) return { name: rootKeyName, bytes: wrapped };
  const [keys, rows] = await Promise.all([
    store.scanKeys({ prefix: '', limit: 1 }),
    store.scan({ prefix: '', limit: 1 }),
  ]);
  if (keys.length + rows.length > 0) {
    throw vaultFault('The vault holds openings and has lost its root key: its file of keys was replaced.');
  }
  const root = {
    name: rootKeyName,
    bytes: wrapKey({ name: rootKeyName, bytes: Uint8Array.from(random(32)) }, master, random),
  };
  await store.commit({ keys: [root] });
  return root;
}
