/** Bytes under a name of printable ASCII. Names are ordered by byte. */
export interface VaultRow {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What one commit does. Rows are deleted before others are put. */
export interface VaultChange {
  readonly puts?: readonly VaultRow[];
  readonly deletes?: readonly string[];
  /** Wrapped keys, `wrappedKeyBytes` each. One that replaces another destroys it. */
  readonly keys?: readonly VaultRow[];
  /** Names of keys to be destroyed. One that is not there is passed over. */
  readonly destroyed?: readonly string[];
}

/** Names with a prefix behind `after`, ascending. */
export interface VaultRange {
  readonly prefix: string;
  readonly after?: string;
  readonly limit: number;
}

/** A key under another key: id of the wrapping key (4), nonce (12), ciphertext (32), tag (16). */
export const wrappedKeyBytes = 64;

/** What has to be so when a change is made, or nothing of it is made. */
export interface VaultCondition {
  /** Wrapped keys that have to be there, with these bytes. */
  readonly keys: readonly VaultRow[];
  /** Names of rows that have to be there, and of rows that must not be. */
  readonly present: readonly string[];
  readonly absent: readonly string[];
}

/** What a vault needs besides where others write to it too: what one process remembers, another one may have destroyed. */
export interface SharedVault {
  /**
   * Whether it was made. Keys of the change are added where there is none of the name, then the condition is looked at, and nothing comes
   * between that and the change: a `commit` waits for those under way, of any process, and the next ones see what it did.
   */
  commitIf(change: VaultChange, condition: VaultCondition): Promise<boolean>;
  /** Runs `act` while no other process runs one. The turn ends with the process or its connection. */
  inTurn<T>(act: () => Promise<T>): Promise<T>;
  /** Resolves while the turn of this process goes on; rejects with a retryable Fault when it was lost, so that another process may have one. */
  checkTurn(): Promise<void>;
}

/**
 * Storage of what may have to be forgotten. Everything in it is sealed before it gets here. Duties of every driver:
 *
 * 1. **Atomic.** Of `puts`, `deletes` and `keys`, a crash leaves all or nothing.
 * 2. **Durable.** What resolved survives a power failure; a driver that cannot promise that says so in its `durability`.
 * 3. **Destroyed is gone.** When a commit with `destroyed` resolves, the bytes of those keys are nowhere in what the driver wrote: not in freed
 *    space, not in a journal. When it rejects, a key is either whole or gone. `readKey` gives `undefined` for one that is gone.
 * 4. **A rejection says nothing.** A Fault `vault_failed` may mean that it was done or that it was not. Every commit can be repeated.
 */
export interface VaultStore {
  readonly durability: 'process' | 'disk';
  /** There where several processes may have the vault open at once; absent, this one has it for itself. */
  readonly shared?: SharedVault;
  commit(change: VaultChange): Promise<void>;
  read(name: string): Promise<Uint8Array | undefined>;
  scan(range: VaultRange): Promise<readonly VaultRow[]>;
  readKey(name: string): Promise<Uint8Array | undefined>;
  scanKeys(range: VaultRange): Promise<readonly string[]>;
  close(): Promise<void>;
}
